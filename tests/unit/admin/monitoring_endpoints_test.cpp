#include <map>
#include <sstream>

#include <catch2/catch.hpp>

#include "unit/admin/quiet_node.h"

namespace patchbay::test {
namespace {

using admin::Json;
using base::Counter;

bool has_line(const std::string& page, const std::string& start) {
  return page.starts_with(start) || page.find('\n' + start) != std::string::npos;
}

}  // namespace

TEST_CASE("Statistics have EMQX's names, for each node or together", "[admin]") {
  QuietNode node(admin::add_monitoring_routes);
  node.counters.add(Counter::connections, 5);
  node.counters.add(Counter::sessions, 7);
  node.counters.add(Counter::subscriptions, 9);
  node.counters.add(Counter::subscriptions_shared, 2);
  node.json("GET", "/stats");
  node.counters.subtract(Counter::connections, 2);
  const Json each = node.json("GET", "/stats");
  REQUIRE(each.is_array());
  CHECK(each.at(0).at("node") == "patchbay@test");
  CHECK(each.at(0).at("connections.count") == 3);
  CHECK(each.at(0).at("connections.max") == 5);
  const Json together = node.json("GET", "/stats", nullptr, {{"aggregate", "true"}});
  for (const char* name :
       {"channels", "connections", "delayed", "live_connections", "cluster_sessions", "retained", "sessions",
        "suboptions", "subscribers", "subscriptions", "subscriptions.shared", "topics"}) {
    INFO(name);
    CHECK(together.contains(std::string(name) + ".count"));
    CHECK(together.contains(std::string(name) + ".max"));
  }
  CHECK(together.at("durable_subscriptions.count") == 0);
  CHECK(together.at("channels.count") == 7);
  CHECK(together.at("subscribers.count") == 7);
  CHECK(node.json("GET", "/nodes/patchbay@test/stats").at("sessions.count") == 7);
  CHECK(node.call("GET", "/nodes/other/stats").status == 404);
  CHECK(node.call("GET", "/stats", nullptr, {{"node", "other"}}).status == 404);
}

TEST_CASE("Counters have EMQX's names", "[admin]") {
  QuietNode node(admin::add_monitoring_routes);
  node.counters.add(Counter::messages_received, 4);
  node.counters.add(Counter::packets_connect, 2);
  node.counters.add(Counter::messages_dropped_queue_full, 3);
  node.counters.add(Counter::messages_dropped_no_local, 1);
  const Json metrics = node.json("GET", "/metrics", nullptr, {{"aggregate", "true"}});
  CHECK(metrics.at("messages.received") == 4);
  CHECK(metrics.at("messages.publish") == 4);
  CHECK(metrics.at("client.connect") == 2);
  CHECK(metrics.at("packets.connect.received") == 2);
  CHECK(metrics.at("delivery.dropped") == 4);
  CHECK(metrics.at("delivery.dropped.queue_full") == 3);
  CHECK_FALSE(metrics.contains("connections.count"));
  CHECK(node.json("GET", "/metrics").at(0).at("messages.received") == 4);
  CHECK(node.json("GET", "/nodes/patchbay@test/metrics").at("messages.received") == 4);
}

/// The counters of EMQX 5's /metrics.
constexpr const char* kNamesOfEmqx = R"(
bytes.received bytes.sent packets.received packets.sent packets.connect.received packets.connack.sent
packets.connack.error packets.connack.auth_error packets.publish.received packets.publish.sent packets.publish.inuse
packets.publish.error packets.publish.auth_error packets.publish.dropped packets.puback.received packets.puback.sent
packets.puback.inuse packets.puback.missed packets.pubrec.received packets.pubrec.sent packets.pubrec.inuse
packets.pubrec.missed packets.pubrel.received packets.pubrel.sent packets.pubrel.missed packets.pubcomp.received
packets.pubcomp.sent packets.pubcomp.inuse packets.pubcomp.missed packets.subscribe.received packets.subscribe.error
packets.subscribe.auth_error packets.suback.sent packets.unsubscribe.received packets.unsubscribe.error
packets.unsuback.sent packets.pingreq.received packets.pingresp.sent packets.disconnect.received
packets.disconnect.sent packets.auth.received packets.auth.sent messages.received messages.sent
messages.qos0.received messages.qos0.sent messages.qos1.received messages.qos1.sent messages.qos2.received
messages.qos2.sent messages.publish messages.forward messages.delayed messages.delivered messages.acked
messages.persisted messages.retained messages.dropped messages.dropped.await_pubrel_timeout
messages.dropped.no_subscribers messages.dropped.quota_exceeded messages.dropped.receive_maximum
messages.dropped.expired delivery.dropped delivery.dropped.no_local delivery.dropped.too_large
delivery.dropped.qos0_msg delivery.dropped.queue_full delivery.dropped.expired client.connect client.connack
client.connected client.authenticate client.auth.anonymous client.authorize client.subscribe client.unsubscribe
client.disconnected session.created session.resumed session.takenover session.discarded session.terminated
authorization.allow authorization.deny authorization.cache_hit authorization.cache_miss authorization.matched_allow
authorization.matched_deny authorization.nomatch authorization.superuser authentication.success
authentication.success.anonymous authentication.failure overload_protection.delay.ok
overload_protection.delay.timeout overload_protection.hibernation overload_protection.gc
overload_protection.new_conn messages.validation_failed messages.validation_succeeded messages.transformation_failed
messages.transformation_succeeded
)";

TEST_CASE("Every counter that EMQX 5 has is there", "[admin]") {
  QuietNode node(admin::add_monitoring_routes);
  node.counters.add(Counter::messages_dropped_expired, 2);
  node.counters.add(Counter::publish_quota_exceeded, 3);
  node.counters.add(Counter::packets_puback_received, 5);
  const Json metrics = node.json("GET", "/metrics", nullptr, {{"aggregate", "true"}});
  std::istringstream names(kNamesOfEmqx);
  for (std::string name; names >> name;) {
    INFO(name);
    REQUIRE(metrics.contains(name));
    CHECK(metrics.at(name).is_number_unsigned());
  }
  CHECK(metrics.at("delivery.dropped.expired") == 2);
  CHECK(metrics.at("messages.dropped.receive_maximum") == 3);
  CHECK(metrics.at("packets.publish.dropped") == 3);
  CHECK(metrics.at("packets.puback.received") == 5);
}

TEST_CASE("The history and the present", "[admin]") {
  QuietNode node(admin::add_monitoring_routes);
  for (int second = 0; second < 20; ++second) {
    node.counters.add(Counter::messages_received, 5);
    node.clock.advance_ms(1'000);
    node.operations().tick();
  }
  node.counters.add(Counter::live_connections, 2);
  const Json samples = node.json("GET", "/monitor");
  REQUIRE(samples.size() == 2);
  CHECK(samples.at(1).at("received") == 50);
  CHECK(samples.at(1).at("time_stamp") == node.clock.unix_ms());
  CHECK(node.json("GET", "/monitor", nullptr, {{"latest", "5"}}).size() == 1);
  CHECK(node.json("GET", "/monitor/nodes/patchbay@test").size() == 2);
  CHECK(node.call("GET", "/monitor/nodes/other").status == 404);
  const Json current = node.json("GET", "/monitor_current");
  CHECK(current.at("live_connections") == 2);
  CHECK(current.at("received_msg_rate") == Approx(5.0));
  CHECK(node.json("GET", "/monitor_current/nodes/patchbay@test").at("node_uptime") == 20);
  CHECK(node.call("DELETE", "/monitor").status == 204);
  CHECK(node.json("GET", "/monitor").empty());
}

TEST_CASE("The Prometheus page has EMQX's names and ours, each family once", "[admin]") {
  QuietNode node(admin::add_monitoring_routes);
  node.counters.add(Counter::connections, 3);
  node.counters.add(Counter::messages_received, 4);
  const auto answer = node.call("GET", "/prometheus/stats");
  CHECK(answer.content_type == "text/plain; version=0.0.4; charset=utf-8");
  const std::string& page = answer.body;
  for (const char* line : {"emqx_connections_count{node=\"patchbay@test\"} 3",
                           "emqx_connections_max{node=\"patchbay@test\"} 3",
                           "emqx_messages_received{node=\"patchbay@test\"} 4",
                           "patchbay_messages_received{node=\"patchbay@test\"} 4",
                           "emqx_live_connections_count{",
                           "emqx_sessions_count{",
                           "emqx_topics_count{",
                           "emqx_subscriptions_shared_count{",
                           "emqx_retained_count{",
                           "emqx_delayed_count{",
                           "emqx_vm_cpu_use{",
                           "emqx_vm_total_memory{",
                           "emqx_vm_used_memory{",
                           "emqx_cluster_nodes_running{node=\"patchbay@test\"} 1",
                           "emqx_client_connected{",
                           "emqx_packets_publish_received{",
                           "emqx_messages_dropped_no_subscribers{",
                           "emqx_authorization_deny{",
                           "patchbay_banned_count{",
                           "patchbay_threads_on_leftovers{",
                           "patchbay_threads_starved{node=\"patchbay@test\"} 0",
                           "patchbay_shard_lag_ms{"}) {
    INFO(line);
    CHECK(has_line(page, line));
  }
  std::map<std::string, int> families;
  std::istringstream lines(page);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# TYPE ")) ++families[line.substr(7, line.find(' ', 7) - 7)];
  }
  CHECK(families.size() > 100);
  for (const auto& [name, times] : families) {
    INFO(name);
    CHECK(times == 1);
  }
}

}  // namespace patchbay::test

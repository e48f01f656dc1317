// What operators watch, keep out and configure, over REST on the running broker with clients that stay connected.
#include <chrono>
#include <filesystem>
#include <thread>

#include <catch2/catch.hpp>

#include "wire/rest_client.h"
#include "wire/support/broker.h"
#include "wire/support/mqtt_client.h"

namespace patchbay::wire {
namespace {

constexpr const char* kPassword = "Operator-2026!";

/// The broker with its REST server, and an operator who has logged in.
struct OperatedBroker {
  explicit OperatedBroker(Broker::Settings more = {})
      : broker(settings(api_port, std::move(more))), operator_(api_port) {
    operator_.log_in("admin", kPassword);
  }
  static Broker::Settings settings(uint16_t port, Broker::Settings more) {
    Broker::Settings all = {"api.bind=127.0.0.1:" + std::to_string(port),
                            "api.admin_password=" + std::string(kPassword)};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  /// After a restart tokens are gone.
  void restart() {
    broker.stop();
    broker.start();
    operator_ = RestClient(api_port);
    operator_.log_in("admin", kPassword);
  }

  uint16_t api_port = free_port();
  Broker broker;
  RestClient operator_;
};

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// What is true soon: the history takes a second, and traces are written behind the shards' backs.
template <class F>
bool soon(F holds) {
  for (int i = 0; i < 100; ++i) {
    if (holds()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return false;
}

}  // namespace

TEST_CASE("rest operations: a banned client is sent away and refused, also after a restart") {
  OperatedBroker node;
  MqttClient bad = MqttClient::connected(node.broker.tcp_port(), {.client_id = "bad"});
  MqttClient good = MqttClient::connected(node.broker.tcp_port(), {.client_id = "good"});
  CHECK(node.operator_.call("POST", "/banned", {{"as", "clientid"}, {"who", "bad"}, {"reason", "noise"}}).status ==
        200);
  CHECK(bad.expect_disconnect().reason_code == 0x98);
  CHECK(MqttClient(node.broker.tcp_port(), {.client_id = "bad"}).connect().reason_code == 0x8A);
  good.ping();
  CHECK(node.operator_.call("POST", "/banned", {{"as", "clientid"}, {"who", "bad"}}).status == 400);
  node.restart();
  CHECK(node.operator_.get("/banned").at("data").at(0).at("reason") == "noise");
  CHECK(MqttClient(node.broker.tcp_port(), {.client_id = "bad"}).connect().reason_code == 0x8A);
  CHECK(node.operator_.call("DELETE", "/banned/clientid/bad").status == 204);
  MqttClient::connected(node.broker.tcp_port(), {.client_id = "bad"});
  CHECK(node.operator_.call("POST", "/banned", {{"as", "peerhost_net"}, {"who", "127.0.0.0/8"}}).status == 200);
  CHECK(TcpSocket(node.broker.tcp_port()).closed_by_peer());
  CHECK(node.operator_.call("DELETE", "/banned").status == 204);
  MqttClient::connected(node.broker.tcp_port(), {.client_id = "bad"});
}

TEST_CASE("rest operations: flapping clients are banned when that is switched on, without a restart") {
  OperatedBroker node;
  const RestAnswer changed =
      node.operator_.call("PUT", "/configs/flapping_detect", {{"enable", true}, {"max_count", 3}, {"ban_time_s", 60}});
  REQUIRE(changed.status == 200);
  CHECK(changed.json().at("needs_restart").empty());
  for (int i = 0; i < 3; ++i) MqttClient::connected(node.broker.tcp_port(), {.client_id = "flapper"}).disconnect();
  REQUIRE(soon([&] { return node.operator_.get("/banned").at("data").size() == 1; }));
  CHECK(node.operator_.get("/banned").at("data").at(0).at("by") == "flapping detector");
  // It is in the list before the shards have it.
  CHECK(
      soon([&] { return MqttClient(node.broker.tcp_port(), {.client_id = "flapper"}).connect().reason_code == 0x8A; }));
}

TEST_CASE("rest operations: topics are counted while they are registered") {
  OperatedBroker node;
  CHECK(node.operator_.call("POST", "/mqtt/topic_metrics", {{"topic", "a/+"}}).status == 204);
  MqttClient client = MqttClient::connected(node.broker.tcp_port(), {.client_id = "c"});
  client.subscribe({{"a/b", 1}});
  for (int i = 0; i < 5; ++i) client.publish("a/b", "x", 1);
  client.receive_payloads(5);
  client.publish("a/c", "x", 1);
  const Json metrics = node.operator_.get("/mqtt/topic_metrics/a%2F%2B").at("metrics");
  CHECK(metrics.at("messages.in.count") == 6);
  CHECK(metrics.at("messages.qos1.in.count") == 6);
  CHECK(metrics.at("messages.out.count") == 5);
  CHECK(metrics.at("messages.dropped.count") == 1);
  CHECK(node.operator_.call("DELETE", "/mqtt/topic_metrics/a%2F%2B").status == 204);
}

TEST_CASE("rest operations: a late acknowledgement is a slow subscription") {
  OperatedBroker node;
  REQUIRE(
      node.operator_.call("PUT", "/slow_subscriptions/settings", {{"enable", true}, {"threshold", "100ms"}}).status ==
      200);
  MqttClient slow = MqttClient::connected(node.broker.tcp_port(), {.client_id = "slow"});
  slow.acknowledge_by_hand();
  slow.subscribe({{"t", 1}});
  MqttClient::connected(node.broker.tcp_port(), {.client_id = "p"}).publish("t", "x", 1);
  const Publish message = slow.receive();
  // Beyond what is looked for by more than a tick at either end, in which the broker counts.
  std::this_thread::sleep_for(std::chrono::milliseconds(280));
  slow.acknowledge(4, message.packet_id);
  REQUIRE(soon([&] { return !node.operator_.get("/slow_subscriptions").at("data").empty(); }));
  const Json record = node.operator_.get("/slow_subscriptions").at("data").at(0);
  CHECK(record.at("clientid") == "slow");
  CHECK(record.at("topic") == "t");
  CHECK(record.at("timespan").get<uint64_t>() >= 250);
}

TEST_CASE("rest operations: a trace is written, read while it runs, downloaded and removed") {
  OperatedBroker node;
  REQUIRE(node.operator_
              .call("POST", "/trace",
                    {{"name", "watch"}, {"type", "clientid"}, {"clientid", "c"}, {"payload_encode", "hex"}})
              .status == 200);
  MqttClient client = MqttClient::connected(node.broker.tcp_port(), {.client_id = "c"});
  client.publish("t", "AB", 1);
  const auto log = [&] { return node.operator_.get("/trace/watch/log?bytes=100000").at("items").get<std::string>(); };
  REQUIRE(soon([&] { return has(log(), "publish_received"); }));
  CHECK(has(log(), "payload: 4142"));
  CHECK(has(log(), "client_connected"));
  CHECK(node.operator_.get("/trace").at(0).at("status") == "running");
  CHECK(node.operator_.call("PUT", "/trace/watch/stop").status == 200);
  const RestAnswer download = node.operator_.call("GET", "/trace/watch/download", nullptr, "Accept: text/plain\r\n");
  CHECK(download.status == 200);
  CHECK(has(download.head, "attachment"));
  CHECK(has(download.body, "publish_received"));
  const RestAnswer zipped = node.operator_.call("GET", "/trace/watch/download");
  CHECK(has(zipped.head, "application/zip"));
  CHECK(zipped.body.starts_with("PK\x03\x04"));
  CHECK(std::filesystem::exists(node.broker.folder().path("data/trace/trace_watch.log")));
  CHECK(node.operator_.call("DELETE", "/trace/watch").status == 204);
  CHECK_FALSE(std::filesystem::exists(node.broker.folder().path("data/trace/trace_watch.log")));
  CHECK(node.operator_.call("POST", "/trace", {{"name", "../x"}, {"type", "clientid"}, {"clientid", "c"}}).status ==
        400);
}

TEST_CASE("rest operations: statistics, history and the Prometheus page agree with what clients do") {
  OperatedBroker node;
  MqttClient client = MqttClient::connected(node.broker.tcp_port(), {.client_id = "c"});
  client.subscribe({{"t", 0}});
  for (int i = 0; i < 3; ++i) client.publish("t", "x");
  client.receive_payloads(3);
  const Json stats = node.operator_.get("/stats?aggregate=true");
  CHECK(stats.at("live_connections.count") == 1);
  CHECK(stats.at("subscriptions.count") == 1);
  CHECK(stats.at("topics.count") == 1);
  CHECK(node.operator_.get("/metrics?aggregate=true").at("messages.received") == 3);
  CHECK(node.operator_.get("/monitor_current").at("live_connections") == 1);
  CHECK(soon([&] { return node.operator_.get("/monitor_current").at("received_msg_rate").get<double>() > 0; }));
  CHECK(node.operator_.get("/monitor").is_array());
  const RestAnswer page = node.operator_.call("GET", "/prometheus/stats");
  CHECK(page.status == 200);
  CHECK(has(page.head, "text/plain; version=0.0.4"));
  CHECK(has(page.body, "\nemqx_live_connections_count{node=\"patchbay@127.0.0.1\"} 1\n"));
  CHECK(has(page.body, "\npatchbay_messages_received{node=\"patchbay@127.0.0.1\"} 3\n"));
}

TEST_CASE("rest operations: the configuration is changed without a restart, and a bad one changes nothing") {
  OperatedBroker node;
  MqttClient client = MqttClient::connected(node.broker.tcp_port(), {.client_id = "c"});
  const RestAnswer rules = node.operator_.call(
      "PUT", "/mqtt/topic_rewrite",
      {{{"action", "publish"}, {"source_topic", "old/#"}, {"re", "^old/(.+)$"}, {"dest_topic", "new/$1"}}});
  REQUIRE(rules.status == 200);
  client.subscribe({{"new/a", 0}});
  client.publish("old/a", "moved");
  CHECK(client.receive().topic == "new/a");
  const RestAnswer bad = node.operator_.call("PUT", "/configs/mqtt", {{"max_inflight", 0}});
  CHECK(bad.status == 400);
  CHECK(bad.json().at("code") == "INVALID_CONFIG");
  CHECK(has(bad.body, "mqtt.max_inflight"));
  const Json restart = node.operator_.call("PUT", "/configs/api", {{"threads", 5}}).json();
  CHECK(restart.at("needs_restart") == Json::array({"api.threads"}));
  CHECK(node.operator_.get("/configs/api").at("admin_password") == "******");
  CHECK_FALSE(has(node.operator_.call("GET", "/configs").body, kPassword));
  client.ping();
  node.restart();
  CHECK(node.operator_.get("/configs/api").at("threads") == 5);
  CHECK(node.operator_.get("/mqtt/topic_rewrite").at(0).at("dest_topic") == "new/$1");
}

TEST_CASE("rest operations: levels of the log are changed for one area while the broker runs") {
  OperatedBroker node;
  CHECK(node.operator_.call("PUT", "/log/level", {{"area", "net"}, {"level", "debug"}}).status == 200);
  CHECK(node.operator_.get("/log/level").at("net") == "debug");
  CHECK(node.operator_.get("/log/level").at("session") != "debug");
  CHECK(node.operator_.get("/alarms").at("data").is_array());
  CHECK(node.operator_.call("POST", "/alarms/force_deactivate", {{"name", "none"}}).status == 404);
}

}  // namespace patchbay::wire

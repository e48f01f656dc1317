#include "running_plugin.h"
#include "settings.h"

using namespace patchbay::acl_mysql;  // NOLINT: test
using namespace std::chrono_literals;

namespace {

const Value kNull;

/// Each user may publish and subscribe to what is below its own name, as a query by ${username} says.
Outcome own_branch(const Query&, const std::vector<Value>& parameters) {
  if (parameters.size() != 1 || !parameters[0]) return {Fault::none, "", acl_rows({})};
  return {Fault::none, "", acl_rows({{"allow", "all", *parameters[0] + "/#", kNull, kNull, kNull}})};
}

std::string with_query(const std::string& query) {
  return R"({"pool_size": 1, "authorization": {"query": ")" + query + R"("}})";
}

}  // namespace

TEST_CASE("acl-mysql: the rows of a client decide") {
  RunningPlugin plugin;
  plugin.database.answer_rows(
      acl_rows({{"deny", "publish", "a/secret", kNull, kNull, kNull}, {"allow", "all", "a/#", kNull, kNull, kNull}}));
  plugin.start();
  CHECK(plugin.publish("a/secret").denied());
  CHECK(plugin.publish("a/x").allowed());
  CHECK(plugin.subscribe("a/#").allowed());
  CHECK(plugin.subscribe("#").continued());
  CHECK(plugin.metric("authorizations{result=\"allow\"}") == 2);
  CHECK(plugin.metric("authorizations{result=\"deny\"}") == 1);
  CHECK(plugin.metric("authorizations{result=\"no_match\"}") == 1);
  plugin.stop();
}

TEST_CASE("acl-mysql: no_match may deny") {
  RunningPlugin plugin;
  plugin.start(R"({"pool_size": 1, "authorization": {"no_match": "deny"}})");
  const auto answer = plugin.publish("a");
  CHECK(answer.denied());
  CHECK_FALSE(answer.failed());
  plugin.stop();
}

TEST_CASE("acl-mysql: what a client calls itself goes beside the query, never into it") {
  RunningPlugin plugin;
  plugin.database.answer_with(own_branch);
  plugin.start(R"({"pool_size": 1, "authorization": {"query":
                  "SELECT permission, action, topic FROM mqtt_acl WHERE username = ${username}"}})");
  const std::string evil = "x' OR '1'='1'; DROP TABLE mqtt_acl; -- \\ ${clientid} ?";
  CHECK(plugin.publish("a", "c1", evil).continued());
  const auto asked = plugin.database.asked();
  REQUIRE(asked.size() == 1);
  CHECK(asked[0].sql == "SELECT permission, action, topic FROM mqtt_acl WHERE username = ?");
  REQUIRE(asked[0].parameters.size() == 1);
  CHECK(asked[0].parameters[0] == evil);
  plugin.stop();
}

TEST_CASE("acl-mysql: what a client doesn't have is NULL") {
  RunningPlugin plugin;
  plugin.start(with_query(
      "SELECT 1 WHERE u = ${username} AND n = ${cert_common_name} AND a = ${client_attrs.x} AND ip = ${peerhost} "
      "AND l = ${listener} AND p = ${proto_name} AND c = ${clientid}"));
  plugin.host.all_clients.add({.client_id = "c2", .peer_ipv4 = "192.0.2.9", .attributes = {{"y", "1"}}});
  static_cast<void>(plugin.publish("a", "c2", ""));
  const auto asked = plugin.database.asked();
  REQUIRE(asked.size() == 1);
  CHECK(asked[0].parameters == std::vector<Value>{kNull, kNull, kNull, "192.0.2.9", "tcp:default", "MQTT", "c2"});
  plugin.stop();
}

TEST_CASE("acl-mysql: the rules of a client are asked for once, and again when they are too old") {
  RunningPlugin plugin;
  plugin.database.answer_with(own_branch);
  plugin.start(R"({"pool_size": 1, "authorization": {"cache_ttl": "10s"}})");
  CHECK(plugin.publish("ann/1").allowed());
  const auto second = plugin.host.acl_publish({.topic = "ann/2", .client_id = "c1", .username = "ann"});
  CHECK_FALSE(second.deferred());
  CHECK(second.allowed());
  CHECK(plugin.host.acl_publish({.topic = "bob/2", .client_id = "c1", .username = "ann"}).continued());
  CHECK(plugin.subscribe("ann/#").allowed());
  CHECK(plugin.database.asked().size() == 1);
  CHECK(plugin.metric("cache_hits") == 3);
  plugin.host.advance(9'999ms);
  CHECK(plugin.publish("ann/1").allowed());
  CHECK(plugin.database.asked().size() == 1);
  plugin.host.advance(1ms);
  CHECK(plugin.publish("ann/1").allowed());
  CHECK(plugin.database.asked().size() == 2);
  CHECK(plugin.metric("cache_misses") == 2);
  plugin.stop();
}

TEST_CASE("acl-mysql: kept rules are those of the name and the address that they were asked for") {
  RunningPlugin plugin;
  plugin.database.answer_with(own_branch);
  plugin.start(R"({"pool_size": 1})");
  CHECK(plugin.publish("ann/1").allowed());
  auto* client = plugin.host.client("c1");
  client->fields.username = "bob";  // another connection of the same session
  CHECK(plugin.publish("ann/1").continued());
  CHECK(plugin.publish("bob/1").allowed());
  CHECK(plugin.database.asked().size() == 2);
  client->fields.attributes["site"] = "north";
  CHECK(plugin.publish("bob/1").allowed());
  CHECK(plugin.database.asked().size() == 3);
  client->fields.peer_ipv4 = "192.0.2.1";
  CHECK(plugin.publish("bob/1").allowed());
  CHECK(plugin.database.asked().size() == 4);
  plugin.stop();
}

TEST_CASE("acl-mysql: REST cleans what is kept, of one client, of one user, of all") {
  RunningPlugin plugin;
  plugin.database.answer_with(own_branch);
  plugin.start(R"({"pool_size": 1})");
  const auto ask_both = [&] {
    CHECK(plugin.publish("ann/1").allowed());
    CHECK(plugin.publish("bob/1", "c2", "bob").allowed());
    return plugin.database.asked().size();
  };
  const auto clean = [&](const std::string& body) {
    return plugin.host.rest.request({.method = "POST", .path = "/cache/clean", .body = body});
  };
  CHECK(ask_both() == 2);
  CHECK(ask_both() == 2);
  CHECK(clean(R"({"clientid": "c1"})")->http_status == 200);
  CHECK(ask_both() == 3);
  CHECK(clean(R"({"username": "bob"})")->http_status == 200);
  CHECK(ask_both() == 4);
  CHECK(clean("")->http_status == 200);
  CHECK(ask_both() == 6);
  CHECK(clean(R"({"client": "c1"})")->http_status == 400);
  CHECK(ask_both() == 6);
  // The broker forgets its own decisions as well.
  const std::vector<std::pair<std::string, std::string>> expected = {{"c1", ""}, {"", "bob"}, {"", ""}};
  CHECK(plugin.host.all_clients.invalidated() == expected);
  CHECK(plugin.metric("cache_cleanings") == 3);
  plugin.stop();
}

TEST_CASE("acl-mysql: rules that were being read when the cache was cleaned are not kept") {
  RunningPlugin plugin;
  plugin.database.answer_with(own_branch);
  plugin.start(R"({"pool_size": 1})");
  plugin.database.hold();
  const auto asked = plugin.host.acl_publish({.topic = "ann/1", .client_id = "c1", .username = "ann"});
  plugin.database.wait_for_queries(1);
  static_cast<void>(plugin.host.rest.request({.method = "POST", .path = "/cache/clean"}));
  plugin.database.release();
  CHECK(plugin.settled(asked).allowed());
  CHECK(plugin.publish("ann/1").allowed());
  CHECK(plugin.database.asked().size() == 2);
  plugin.stop();
}

TEST_CASE("acl-mysql: a query about the topic is asked each time") {
  RunningPlugin plugin;
  plugin.database.answer_with([](const Query&, const std::vector<Value>& parameters) {
    return Outcome{Fault::none, "", acl_rows({{"allow", "all", *parameters[1], kNull, kNull, kNull}})};
  });
  plugin.start(
      with_query("SELECT permission, action, topic FROM t WHERE u = ${username} AND t = ${topic} AND a = ${action} "
                 "AND q = ${qos} AND r = ${retain}"));
  CHECK(plugin.settled(plugin.host.acl_publish({.topic = "x", .qos = 1, .retain = true, .username = "ann"})).allowed());
  CHECK(plugin.settled(plugin.host.acl_subscribe({.topic = "x", .username = "ann"})).allowed());
  const auto asked = plugin.database.asked();
  REQUIRE(asked.size() == 2);
  CHECK(asked[0].parameters == std::vector<Value>{"ann", "x", "publish", "1", "1"});
  CHECK(asked[1].parameters == std::vector<Value>{"ann", "x", "subscribe", "0", "0"});
  plugin.stop();
}

TEST_CASE("acl-mysql: the superuser query comes first, and its answer is kept as well") {
  RunningPlugin plugin;
  plugin.database.answer_with([](const Query& query, const std::vector<Value>& parameters) {
    if (query.sql.find("mqtt_user") == std::string::npos) return Outcome{Fault::none, "", acl_rows({})};
    return Outcome{Fault::none, "", Rows{{"is_superuser"}, {{parameters[0] == "root" ? "1" : "0"}}}};
  });
  plugin.start(R"({"pool_size": 1, "authorization": {"superuser_query":
                  "SELECT is_superuser FROM mqtt_user WHERE username = ${username}"}})");
  CHECK(plugin.publish("$SYS/x", "c1", "root").allowed());
  CHECK(plugin.subscribe("#", "c1", "root").allowed());
  CHECK(plugin.database.asked().size() == 1);
  CHECK(plugin.publish("x", "c2", "ann").continued());
  CHECK(plugin.database.asked().size() == 3);
  plugin.stop();
}

TEST_CASE("acl-mysql: without a cache each question asks") {
  RunningPlugin plugin;
  plugin.database.answer_with(own_branch);
  plugin.start(R"({"pool_size": 1, "authorization": {"cache_ttl": "0s"}})");
  CHECK(plugin.publish("ann/1").allowed());
  CHECK(plugin.publish("ann/1").allowed());
  CHECK(plugin.database.asked().size() == 2);
  CHECK(plugin.host.all_clients.slots() == 0);
  plugin.stop();
}

TEST_CASE("acl-mysql: a host without room for slots leaves clients without a cache, not without an answer") {
  RunningPlugin plugin;
  plugin.database.answer_with(own_branch);
  plugin.start(R"({"pool_size": 1})");
  plugin.host.all_clients.slots_granted = false;
  CHECK(plugin.publish("ann/1").allowed());
  CHECK(plugin.publish("ann/1").allowed());
  CHECK(plugin.database.asked().size() == 2);
  plugin.stop();
}

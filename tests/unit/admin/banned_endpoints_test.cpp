// /banned, /alarms, /mqtt/topic_metrics, /slow_subscriptions: what operators keep out and watch, over REST.
#include <catch2/catch.hpp>

#include "unit/admin/quiet_node.h"

namespace patchbay::test {
namespace {

using admin::Json;

std::string code_of(const admin::ApiResponse& answer) {
  return Json::parse(answer.body).at("code").get<std::string>();
}

}  // namespace

TEST_CASE("A ban is made with the names of EMQX, listed, and lifted", "[admin]") {
  QuietNode node(admin::add_banned_routes);
  const Json made = node.json("POST", "/banned", {{"as", "clientid"}, {"who", "bad"}, {"reason", "noise"}});
  CHECK(made.at("as") == "clientid");
  CHECK(made.at("who") == "bad");
  CHECK(made.at("by") == "tester");
  CHECK(made.at("until") == "infinity");
  CHECK(made.at("at") == "2023-11-14T22:13:20.000Z");
  const Json list = node.json("GET", "/banned");
  CHECK(list.at("data").size() == 1);
  CHECK(list.at("meta").at("count") == 1);
  CHECK(node.call("DELETE", "/banned/clientid/bad").status == 204);
  CHECK(node.call("DELETE", "/banned/clientid/bad").status == 404);
  CHECK(node.json("GET", "/banned").at("data").empty());
}

TEST_CASE("Times come as RFC 3339 or as seconds", "[admin]") {
  QuietNode node(admin::add_banned_routes);
  const Json first = node.json("POST", "/banned", {{"as", "username"}, {"who", "a"}, {"until", 1'700'000'100}});
  CHECK(first.at("until") == "2023-11-14T22:15:00.000Z");
  const Json second =
      node.json("POST", "/banned", {{"as", "username"}, {"who", "b"}, {"until", "2030-01-01T01:00:00+01:00"}});
  CHECK(second.at("until") == "2030-01-01T00:00:00.000Z");
  for (const Json& until : {Json("tomorrow"), Json(-1), Json(1.5), Json::array(), Json("2020-01-01T00:00:00Z"), Json(5),
                            Json("1700000100"), Json("2030-13-01T00:00:00Z")}) {
    const auto refused = node.call("POST", "/banned", {{"as", "username"}, {"who", "c"}, {"until", until}});
    INFO(until);
    CHECK(refused.status == 400);
    CHECK(refused.body.find("until") != std::string::npos);
  }
  CHECK(node.call("POST", "/banned", {{"as", "username"}, {"who", "c"}, {"at", "now"}}).status == 400);
  CHECK(node.operations().banned().size() == 2);
}

TEST_CASE("Bad bans change nothing and say what is wrong", "[admin]") {
  QuietNode node(admin::add_banned_routes);
  node.json("POST", "/banned", {{"as", "clientid"}, {"who", "bad"}});
  CHECK(code_of(node.call("POST", "/banned", {{"as", "clientid"}, {"who", "bad"}})) == "ALREADY_EXISTS");
  for (const Json& body :
       {Json::object(), Json{{"as", "clientid"}}, Json{{"who", "x"}}, Json{{"as", "ip"}, {"who", "x"}},
        Json{{"as", "clientid"}, {"who", 7}}, Json{{"as", "clientid"}, {"who", "x"}, {"more", 1}}, Json::array(),
        Json{{"as", "peerhost"}, {"who", "host"}}, Json{{"as", "peerhost_net"}, {"who", "10.0.0.0/40"}},
        Json{{"as", "clientid_re"}, {"who", "("}}, Json{{"as", "clientid"}, {"who", ""}}}) {
    INFO(body);
    const auto refused = node.call("POST", "/banned", body);
    CHECK(refused.status == 400);
    CHECK(code_of(refused) == "BAD_REQUEST");
  }
  CHECK(node.operations().banned().size() == 1);
}

TEST_CASE("Bans are filtered by kind and name, and come in pages", "[admin]") {
  QuietNode node(admin::add_banned_routes);
  for (const char* who : {"sensor-1", "sensor-2", "other"})
    node.json("POST", "/banned", {{"as", "clientid"}, {"who", who}});
  node.json("POST", "/banned", {{"as", "username"}, {"who", "sensor-1"}});
  node.json("POST", "/banned", {{"as", "peerhost_net"}, {"who", "10.0.0.0/8"}});
  CHECK(node.json("GET", "/banned", nullptr, {{"clientid", "sensor-1"}}).at("data").size() == 1);
  CHECK(node.json("GET", "/banned", nullptr, {{"like_clientid", "sensor"}}).at("data").size() == 2);
  CHECK(node.json("GET", "/banned", nullptr, {{"like_peerhost_net", "10."}}).at("data").size() == 1);
  CHECK(node.json("GET", "/banned", nullptr, {{"username", "nobody"}}).at("data").empty());
  const Json page = node.json("GET", "/banned", nullptr, {{"page", "2"}, {"limit", "2"}});
  CHECK(page.at("data").size() == 2);
  CHECK(page.at("meta").at("count") == 5);
  CHECK(page.at("meta").at("hasnext") == true);
  CHECK(node.call("DELETE", "/banned").status == 204);
  CHECK(node.json("GET", "/banned").at("data").empty());
}

TEST_CASE("Alarms are listed while they are active, and afterwards", "[admin]") {
  QuietNode node(admin::add_alarm_routes);
  node.alarms.raise("too_hot", "It is too hot.", R"({"degrees":99})");
  node.alarms.raise("odd", "Odd details.", "no json");
  node.clock.advance_ms(1'500);
  const Json active = node.json("GET", "/alarms");
  REQUIRE(active.at("data").size() == 2);
  const Json& alarm = active.at("data").at(1);
  CHECK(alarm.at("name") == "too_hot");
  CHECK(alarm.at("node") == "patchbay@test");
  CHECK(alarm.at("message") == "It is too hot.");
  CHECK(alarm.at("details").at("degrees") == 99);
  CHECK(alarm.at("duration") == 1'500);
  CHECK(alarm.at("activate_at") == "2023-11-14T22:13:20.000Z");
  CHECK(active.at("data").at(0).at("details").is_object());
  CHECK(node.call("POST", "/alarms/force_deactivate", {{"name", "too_hot"}}).status == 204);
  CHECK(node.call("POST", "/alarms/force_deactivate", {{"name", "too_hot"}}).status == 404);
  CHECK(node.call("POST", "/alarms/force_deactivate", Json::object()).status == 400);
  const Json history = node.json("GET", "/alarms", nullptr, {{"activated", "false"}});
  REQUIRE(history.at("data").size() == 1);
  CHECK(history.at("data").at(0).at("duration") == 1'500);
  CHECK(node.call("DELETE", "/alarms").status == 204);
  CHECK(node.json("GET", "/alarms", nullptr, {{"activated", "false"}}).at("data").empty());
  CHECK(node.json("GET", "/alarms").at("data").size() == 1);
}

TEST_CASE("Topics are registered, read, reset and taken out", "[admin]") {
  QuietNode node(admin::add_topic_metrics_routes);
  CHECK(node.call("POST", "/mqtt/topic_metrics", {{"topic", "a/b"}}).status == 204);
  CHECK(code_of(node.call("POST", "/mqtt/topic_metrics", {{"topic", "a/b"}})) == "BAD_TOPIC");
  CHECK(code_of(node.call("POST", "/mqtt/topic_metrics", {{"topic", "a/#/b"}})) == "BAD_TOPIC");
  CHECK(node.call("POST", "/mqtt/topic_metrics", Json::object()).status == 400);
  const Json list = node.json("GET", "/mqtt/topic_metrics");
  REQUIRE(list.size() == 1);
  CHECK(list.at(0).at("topic") == "a/b");
  CHECK(list.at(0).at("metrics").at("messages.in.count") == 0);
  CHECK(list.at(0).at("metrics").at("messages.qos2.out.rate") == 0);
  CHECK_FALSE(list.at(0).contains("reset_time"));
  CHECK(node.call("PUT", "/mqtt/topic_metrics", {{"action", "reset"}, {"topic", "a/b"}}).status == 204);
  CHECK(node.json("GET", "/mqtt/topic_metrics").at(0).contains("reset_time"));
  CHECK(node.call("PUT", "/mqtt/topic_metrics", {{"action", "reset"}}).status == 204);
  CHECK(node.call("PUT", "/mqtt/topic_metrics", {{"action", "explode"}}).status == 400);
  CHECK(code_of(node.call("PUT", "/mqtt/topic_metrics", {{"action", "reset"}, {"topic", "x"}})) == "TOPIC_NOT_FOUND");
  for (size_t i = 1; i < operations::TopicMetrics::kTopicsMax; ++i)
    REQUIRE_FALSE(node.operations().topic_metrics().add("t" + std::to_string(i)));
  CHECK(node.call("POST", "/mqtt/topic_metrics", {{"topic", "more"}}).status == 409);
}

TEST_CASE("Settings of slow subscriptions are those of the configuration", "[admin]") {
  QuietNode node(admin::add_slow_subscriptions_routes);
  const Json before = node.json("GET", "/slow_subscriptions/settings");
  CHECK(before == Json{{"enable", false},
                       {"threshold", "500ms"},
                       {"expire_interval", "300s"},
                       {"top_k_num", 10},
                       {"stats_type", "whole"}});
  const Json after = node.json(
      "PUT", "/slow_subscriptions/settings",
      {{"enable", true}, {"threshold", "1s"}, {"expire_interval", 60}, {"top_k_num", 3}, {"stats_type", "internal"}});
  CHECK(after.at("threshold") == "1000ms");
  CHECK(after.at("expire_interval") == "60s");
  CHECK(node.commands.config.slow_subs.enable);
  CHECK(node.commands.config.slow_subs.stats_type == config::SlowStatsType::internal);
  CHECK(node.json("PUT", "/slow_subscriptions/settings", {{"stats_type", "response"}}).at("stats_type") == "response");
  CHECK(node.commands.config.slow_subs.stats_type == config::SlowStatsType::response);
  CHECK(node.commands.author == "tester");
  for (const Json& body : {Json{{"threshold", "soon"}}, Json{{"threshold", -1}}, Json{{"expire_interval", "10ms"}},
                           Json{{"top_k_num", 0}}, Json{{"stats_type", "outer"}}, Json{{"enabled", true}}}) {
    INFO(body);
    CHECK(node.call("PUT", "/slow_subscriptions/settings", body).status == 400);
  }
  CHECK(node.commands.config.slow_subs.threshold_ms == 1'000);
  CHECK(node.json("GET", "/slow_subscriptions").at("data").empty());
  CHECK(node.call("DELETE", "/slow_subscriptions").status == 204);
}

}  // namespace patchbay::test

#include <algorithm>

#include <catch2/catch.hpp>

#include "admin/config_json.h"
#include "unit/admin/quiet_node.h"

namespace patchbay::test {
namespace {

using admin::Json;

std::string message_of(const admin::ApiResponse& answer) {
  return Json::parse(answer.body).at("message").get<std::string>();
}
std::string code_of(const admin::ApiResponse& answer) {
  return Json::parse(answer.body).at("code").get<std::string>();
}
bool contains(const Json& list, const char* key) {
  return std::find(list.begin(), list.end(), key) != list.end();
}

}  // namespace

TEST_CASE("The configuration is shown as it is nested, whole or in parts", "[admin]") {
  QuietNode node(admin::add_config_routes);
  node.commands.config.api.admin_password = "top secret";
  const Json all = node.json("GET", "/configs");
  CHECK(all.at("mqtt").at("max_inflight") == 32);
  CHECK(all.at("retainer").at("max_payload_size") == "1MiB");
  CHECK(all.at("sys_topics").at("sys_event_messages").at("client_connected") == true);
  CHECK(all.at("access").at("allow_anonymous") == "auto");
  CHECK(all.at("log").at("levels").at("net") == "inherit");
  CHECK(all.at("topic_rewrite").is_array());
  CHECK(all.at("api").at("admin_password") == "******");
  CHECK(node.json("GET", "/configs/mqtt") == all.at("mqtt"));
  CHECK(node.json("GET", "/configs", nullptr, {{"key", "log"}}) == Json{{"log", all.at("log")}});
  CHECK(node.json("GET", "/configs/global_zone").at("flapping_detect").at("max_count") == 15);
  CHECK(node.call("GET", "/configs/nothing").status == 404);
  CHECK(node.call("GET", "/configs", nullptr, {{"key", "nothing"}}).status == 404);
  node.accept = "text/plain";
  const auto text = node.call("GET", "/configs");
  CHECK(text.body.find("mqtt.max_inflight = 32\n") != std::string::npos);
  CHECK(text.body.find("top secret") == std::string::npos);
}

TEST_CASE("A change says what is in force and what needs a restart", "[admin]") {
  QuietNode node(admin::add_config_routes);
  const Json answer = node.json("PUT", "/configs",
                                {{"sys_topics", {{"sys_msg_interval_s", 5}}},
                                 {"retainer", {{"max_payload_size", "2MiB"}}},
                                 {"api", {{"threads", 3}}},
                                 {"access", {{"deny_action", "disconnect"}}}});
  CHECK(contains(answer.at("applied"), "sys_topics.sys_msg_interval_s"));
  CHECK(contains(answer.at("applied"), "access.deny_action"));
  CHECK(contains(answer.at("applied"), "retainer.max_payload_size"));
  CHECK(contains(answer.at("needs_restart"), "api.threads"));
  CHECK(answer.at("sys_topics").at("sys_msg_interval_s") == 5);
  CHECK(node.commands.config.retainer.max_payload_size_bytes == 2u << 20);
  CHECK(node.commands.config.access.deny_action == config::DenyAction::disconnect);
  CHECK(node.commands.author == "tester");
  // What was answered may be sent back as it is.
  const Json again = node.json("PUT", "/configs", answer);
  CHECK(again.at("applied").empty());
  CHECK(again.at("needs_restart").empty());
}

TEST_CASE("One part is changed without naming it twice", "[admin]") {
  QuietNode node(admin::add_config_routes);
  const Json answer = node.json("PUT", "/configs/sys_topics", {{"sys_event_messages", {{"client_subscribed", true}}}});
  CHECK(answer.at("sys_event_messages").at("client_subscribed") == true);
  CHECK(answer.at("sys_event_messages").at("client_connected") == true);
  CHECK(node.commands.config.sys_topics.client_subscribed);
  node.json("PUT", "/configs/global_zone", {{"flapping_detect", {{"enable", true}}}});
  CHECK(node.commands.config.flapping_detect.enable);
  CHECK(node.call("PUT", "/configs/nothing", Json::object()).status == 404);
}

TEST_CASE("A bad key or value changes nothing, and the answer says what is allowed", "[admin]") {
  QuietNode node(admin::add_config_routes);
  const config::Config before = node.commands.config;
  const auto unknown = node.call("PUT", "/configs", {{"mqtt", {{"max_inflght", 5}}}});
  CHECK(unknown.status == 400);
  CHECK(code_of(unknown) == "INVALID_CONFIG");
  CHECK(message_of(unknown).find("mqtt.max_inflight") != std::string::npos);
  const auto beyond = node.call("PUT", "/configs", {{"sys_topics", {{"sys_msg_interval_s", 0}, {"enable", "yes"}}}});
  CHECK(message_of(beyond).find("sys_topics.sys_msg_interval_s: found 0; allowed: integer, 1 to 86400") !=
        std::string::npos);
  CHECK(message_of(beyond).find("sys_topics.enable") != std::string::npos);
  for (const Json& body :
       {Json{{"mqtt", 5}}, Json{{"nothing", {{"a", 1}}}}, Json{{"listeners", {{"tcp", Json::object()}}}},
        Json{{"mqtt", {{"max_inflight", 1.5}}}}, Json{{"mqtt", {{"max_inflight", -1}}}},
        Json{{"mqtt", {{"max_inflight", 18'446'744'073'709'551'615ULL}}}}, Json{{"mqtt", {{"max_inflight", nullptr}}}},
        Json{{"retainer", {{"max_payload_size", "much"}}}}, Json{{"access", {{"allow_anonymous", "maybe"}}}},
        Json{{"topic_rewrite", {{{"action", "all"}}}}}}) {
    INFO(body);
    const auto refused = node.call("PUT", "/configs", body);
    CHECK(refused.status == 400);
    CHECK(code_of(refused) == "INVALID_CONFIG");
  }
  CHECK(config::changes_between(before, node.commands.config).empty());
  node.commands.refusal = "mqtt.max_inflight: is fixed by the command line";
  const auto fixed = node.call("PUT", "/configs/mqtt", {{"max_inflight", 5}});
  CHECK(message_of(fixed).find("command line") != std::string::npos);
}

TEST_CASE("A secret that comes back masked stays what it is", "[admin]") {
  QuietNode node(admin::add_config_routes);
  node.commands.config.api.admin_password = "top secret";
  node.json("PUT", "/configs/api", {{"admin_password", "******"}});
  CHECK(node.commands.config.api.admin_password == "top secret");
  node.json("PUT", "/configs", {{"api", node.json("GET", "/configs/api")}}, {{"mode", "replace"}});
  CHECK(node.commands.config.api.admin_password == "top secret");
  const Json changed = node.json("PUT", "/configs/api", {{"admin_password", "another"}});
  CHECK(node.commands.config.api.admin_password == "another");
  CHECK(changed.at("admin_password") == "******");
}

TEST_CASE("Replacing takes the other keys of the parts that are named back to their defaults", "[admin]") {
  QuietNode node(admin::add_config_routes);
  node.commands.config.sys_topics.sys_msg_interval_s = 7;
  node.commands.config.delayed.enable = false;
  node.json("PUT", "/configs", {{"sys_topics", {{"sys_heartbeat_interval_s", 9}}}}, {{"mode", "replace"}});
  CHECK(node.commands.config.sys_topics.sys_msg_interval_s == 60);
  CHECK(node.commands.config.sys_topics.sys_heartbeat_interval_s == 9);
  CHECK_FALSE(node.commands.config.delayed.enable);
}

TEST_CASE("Keys are set back, one or all of a part", "[admin]") {
  QuietNode node(admin::add_config_routes);
  config::SysTopicsConfig& sys = node.commands.config.sys_topics;
  sys.sys_msg_interval_s = 7;
  sys.sys_heartbeat_interval_s = 8;
  const Json one = node.json("POST", "/configs_reset/sys_topics", nullptr, {{"conf_path", "sys_msg_interval_s"}});
  CHECK(sys.sys_msg_interval_s == 60);
  CHECK(sys.sys_heartbeat_interval_s == 8);
  CHECK(contains(one.at("applied"), "sys_topics.sys_msg_interval_s"));
  node.json("POST", "/configs_reset/sys_topics");
  CHECK(sys.sys_heartbeat_interval_s == 30);
  CHECK(code_of(node.call("POST", "/configs_reset/sys_topics", nullptr, {{"conf_path", "no.such"}})) ==
        "NO_DEFAULT_VALUE");
  CHECK(node.call("POST", "/configs_reset/nothing").status == 404);
  node.commands.config.topic_rewrite.push_back({config::RewriteAction::all, "a", "b", "c"});
  node.json("POST", "/configs_reset/topic_rewrite");
  CHECK(node.commands.config.topic_rewrite.empty());
}

TEST_CASE("What is set back has exactly the values of a fresh configuration", "[admin]") {
  config::Config config;
  const config::Config fresh;
  for (const std::string& root : admin::config_roots()) {
    INFO(root);
    CHECK(admin::reset_config(config, root));
  }
  CHECK(config::changes_between(fresh, config).empty());
  config.mqtt.max_inflight = 5;
  const config::Config before = config;
  for (const std::string& problem : admin::merge_config(config, admin::config_json(config))) FAIL_CHECK(problem);
  CHECK(config::changes_between(before, config).empty());
}

TEST_CASE("Rules of topics and subscriptions are replaced as lists", "[admin]") {
  QuietNode node(admin::add_config_routes);
  const Json rules = {{{"action", "publish"}, {"source_topic", "x/#"}, {"re", "^x/(.+)$"}, {"dest_topic", "y/$1"}}};
  CHECK(node.json("PUT", "/mqtt/topic_rewrite", rules) == rules);
  CHECK(node.json("GET", "/mqtt/topic_rewrite") == rules);
  CHECK(node.commands.config.topic_rewrite.at(0).dest_topic == "y/$1");
  CHECK(node.call("PUT", "/mqtt/topic_rewrite", {{{"action", "publish"}}}).status == 400);
  const Json subscriptions = {{{"topic", "to/${clientid}"}, {"qos", 1}, {"nl", 1}, {"rap", false}}};
  const Json kept = node.json("PUT", "/mqtt/auto_subscribe", subscriptions);
  CHECK(kept.at(0).at("topic") == "to/${clientid}");
  CHECK(kept.at(0).at("rh") == 0);
  CHECK(kept.at(0).at("nl") == 1);
  CHECK(kept.at(0).at("rap") == 0);
  CHECK(node.commands.config.auto_subscribe.at(0).nl);
  CHECK(node.commands.config.auto_subscribe.at(0).qos == 1);
  CHECK(node.json("PUT", "/mqtt/topic_rewrite", Json::array()).empty());
}

TEST_CASE("Levels of the log are changed for an area, or for all", "[admin]") {
  QuietNode node(admin::add_config_routes);
  CHECK(node.json("GET", "/log/level").contains("net"));
  node.json("PUT", "/log/level", {{"area", "net"}, {"level", "debug"}});
  node.json("PUT", "/log/level", {{"level", "warning"}});
  CHECK(node.commands.levels == std::map<std::string, std::string>{{"net", "debug"}, {"", "warning"}});
  CHECK(node.call("PUT", "/log/level", {{"area", "nowhere"}, {"level", "debug"}}).status == 400);
  CHECK(node.call("PUT", "/log/level", {{"level", "loud"}}).status == 400);
}

}  // namespace patchbay::test

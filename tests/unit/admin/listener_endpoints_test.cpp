#include "admin/listener_json.h"

#include <catch2/catch.hpp>

#include "admin/config_json.h"

using namespace patchbay;         // NOLINT: test
using namespace patchbay::admin;  // NOLINT: test

namespace {

ListenerView listener_of(const std::string& id) {
  ListenerView listener;
  REQUIRE(parse_listener_id(id, listener));
  listener.config.bind = "127.0.0.1:1883";
  return listener;
}

}  // namespace

TEST_CASE("The id of a listener is its type and name", "[admin]") {
  ListenerView listener;
  CHECK(parse_listener_id("wss:edge-1", listener));
  CHECK(listener.type == config::ListenerType::wss);
  CHECK(listener.name == "edge-1");
  for (const char* id :
       {"", "tcp", "tcp:", ":default", "quic:default", "TCP:default", "tcp:a.b", "tcp:a/b", "tcp:a b", "tcp:../up"}) {
    INFO(id);
    CHECK_FALSE(parse_listener_id(id, listener));
  }
  CHECK_FALSE(parse_listener_id("tcp:" + std::string(65, 'x'), listener));
}

TEST_CASE("A listener is shown with the keys of its type, secrets masked", "[admin]") {
  ListenerView listener = listener_of("ssl:default");
  listener.config.ssl.key_password = "hush";
  listener.running = true;
  listener.bound = "127.0.0.1:1883";
  const Json json = listener_json(listener);
  CHECK(json.at("id") == "ssl:default");
  CHECK(json.at("type") == "ssl");
  CHECK(json.at("running") == true);
  CHECK(json.at("enable") == true);
  CHECK(json.at("ssl").at("key_password") == kMaskedSecret);
  CHECK(json.at("ssl").at("verify") == "none");
  CHECK_FALSE(json.contains("websocket"));
  CHECK(json.dump().find("hush") == std::string::npos);
  const Json summary = listener_summary(listener, "node@1");
  CHECK(summary.at("status").at("max_connections") == "infinity");
  CHECK(summary.at("node_status")[0].at("node") == "node@1");
}

TEST_CASE("What was read may be sent back, and changes are checked by the table of keys", "[admin]") {
  ListenerView listener = listener_of("ssl:default");
  listener.config.ssl.key_password = "hush";
  CHECK(merge_listener(listener, listener_json(listener)).empty());
  CHECK(listener.config.ssl.key_password == "hush");
  CHECK(merge_listener(listener, {{"max_connections", 5}, {"enable", false}, {"ssl", {{"verify", "peer"}}}}).empty());
  CHECK(listener.config.max_connections == 5);
  CHECK_FALSE(listener.enabled);
  CHECK(listener.config.ssl.verify == config::TlsVerify::peer);
  const auto says = [&](const Json& body, const std::string& word) {
    const auto lines = merge_listener(listener, body);
    REQUIRE(lines.size() == 1);
    INFO(lines.front());
    CHECK(lines.front().find(word) != std::string::npos);
  };
  says({{"max_connection", 5}}, "max_connections");
  says({{"max_connections", -1}}, "max_connections");
  says({{"backlog", "many"}}, "backlog");
  says({{"ssl", 1}}, "object");
  says({{"ssl", {{"verify", "maybe"}}}}, "ssl.verify");
  says({{"websocket", {{"path", "/x"}}}}, "websocket");
}

#include <catch2/catch.hpp>

#include "unit/admin/quiet_node.h"

using namespace patchbay;         // NOLINT: test
using namespace patchbay::admin;  // NOLINT: test
using patchbay::test::QuietNode;

namespace {

ListenerView listener_of(const std::string& name, const std::string& protocol, uint32_t max_connections) {
  ListenerView listener;
  listener.id = "tcp:" + name;
  listener.name = name;
  listener.running = true;
  listener.current_connections = 3;
  listener.config.protocol = protocol;
  listener.config.max_connections = max_connections;
  return listener;
}

struct Gateways : QuietNode {
  Gateways() : QuietNode(&add_gateway_routes) {
    commands.spoken = {{"line", "LINE", "line-gateway", true, 1'000, 2'000, 0},
                       {"stomp", "STOMP", "stomp", false, 1'000, 1'000, 5'000}};
    commands.running = {listener_of("default", "mqtt", 0), listener_of("a", "line", 10), listener_of("b", "line", 5),
                        listener_of("c", "coap", 0)};
  }
};

}  // namespace

TEST_CASE("Gateways are what plugins speak and what listeners name, as EMQX shows them", "[admin]") {
  Gateways node;
  const Json all = node.json("GET", "/gateways");
  REQUIRE(all.size() == 3);
  CHECK(all[0]["name"] == "coap");
  CHECK(all[0]["status"] == "unloaded");
  CHECK(all[0]["max_connections"] == "infinity");
  CHECK_FALSE(all[0].contains("started_at"));
  const Json line = node.json("GET", "/gateways/line");
  CHECK(line["status"] == "running");
  CHECK(line["plugin"] == "line-gateway");
  CHECK(line["current_connections"] == 6);
  CHECK(line["max_connections"] == 15);
  CHECK(line["created_at"] == "1970-01-01T00:00:01.000Z");
  CHECK(line["started_at"] == "1970-01-01T00:00:02.000Z");
  CHECK(line["listeners"][0]["id"] == "line:tcp:a");
  CHECK(line["node_status"][0]["node"] == "patchbay@test");
  CHECK(all[2]["name"] == "stomp");
  CHECK(all[2]["status"] == "stopped");
  CHECK(all[2]["stopped_at"] == "1970-01-01T00:00:05.000Z");
  CHECK(all[2]["listeners"].empty());
}

TEST_CASE("Gateways are listed by their status", "[admin]") {
  Gateways node;
  const auto names = [&](const std::string& status) {
    std::string text;
    for (const Json& one : node.json("GET", "/gateways", nullptr, {{"status", status}}))
      text += one["name"].get<std::string>() + ' ';
    return text;
  };
  CHECK(names("running") == "line ");
  CHECK(names("stopped") == "stomp ");
  CHECK(names("unloaded") == "coap ");
  CHECK(names("all") == "coap line stomp ");
}

TEST_CASE("The listeners of a gateway run only as long as somebody speaks its protocol", "[admin]") {
  Gateways node;
  const Json listeners = node.json("GET", "/gateways/line/listeners");
  REQUIRE(listeners.size() == 2);
  CHECK(listeners[1]["id"] == "line:tcp:b");
  CHECK(listeners[1]["running"] == true);
  CHECK(listeners[1]["status"]["max_connections"] == 5);
  CHECK(node.json("GET", "/gateways/coap/listeners")[0]["running"] == false);
}

TEST_CASE("What is no gateway is not found, and one without a plugin cannot be turned on", "[admin]") {
  Gateways node;
  for (const char* path : {"/gateways/mqtt", "/gateways/none", "/gateways/none/listeners", "/gateways/none/clients"}) {
    const ApiResponse answer = node.call("GET", path);
    CHECK(answer.status == 404);
    CHECK(Json::parse(answer.body)["code"] == "RESOURCE_NOT_FOUND");
  }
  CHECK(node.call("PUT", "/gateways/coap/enable/true").status == 400);
  // A plugin that the host does not know any more: its sentence comes back.
  const ApiResponse gone = node.call("PUT", "/gateways/stomp/enable/true");
  CHECK(gone.status == 400);
  CHECK(Json::parse(gone.body)["message"].get<std::string>().find("stomp") != std::string::npos);
}

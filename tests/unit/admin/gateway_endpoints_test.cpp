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

TEST_CASE("A gateway has no authentication of its own, and takes none", "[admin]") {
  Gateways node;
  CHECK(node.call("GET", "/gateways/line/authentication").status == 204);
  CHECK(node.call("DELETE", "/gateways/line/authentication").status == 204);
  for (const char* method : {"POST", "PUT"}) {
    const Route* route = nullptr;
    std::map<std::string, std::string, std::less<>> parameters;
    std::vector<std::string> allowed;
    CHECK(node.routes().find(method, "/gateways/line/authentication", route, parameters, allowed) ==
          RouteTable::Found::other_method);
  }
  CHECK(node.call("GET", "/gateways/none/authentication").status == 404);
}

TEST_CASE("A gateway's listeners are created, changed and deleted under EMQX's ids, and speak its protocol",
          "[admin]") {
  Gateways node;
  node.commands.takes_listeners = true;
  const Json door = {{"type", "tcp"}, {"name", "new"}, {"bind", "127.0.0.1:0"}};
  const ApiResponse created = node.call("POST", "/gateways/line/listeners", door);
  CHECK(created.status == 201);
  CHECK(Json::parse(created.body)["id"] == "line:tcp:new");
  CHECK(Json::parse(created.body)["protocol"] == "line");
  CHECK(node.call("POST", "/gateways/line/listeners", door).status == 400);  // it is there
  const Json changed = node.json("PUT", "/gateways/line/listeners/line:tcp:new", {{"max_connections", 7}});
  CHECK(changed["max_connections"] == 7);
  CHECK(changed["bind"] == "127.0.0.1:0");
  // What was read may be sent back.
  CHECK(node.json("PUT", "/gateways/line/listeners/line:tcp:new", changed)["max_connections"] == 7);
  CHECK(node.json("GET", "/gateways/line/listeners/tcp:new")["id"] == "line:tcp:new");
  CHECK(node.call("DELETE", "/gateways/line/listeners/line:tcp:new").status == 204);
  CHECK(node.call("GET", "/gateways/line/listeners/line:tcp:new").status == 404);
}

TEST_CASE("A gateway neither sees nor touches the listeners of others", "[admin]") {
  Gateways node;
  node.commands.takes_listeners = true;
  for (const char* id : {"tcp:default", "line:tcp:default", "tcp:c"}) {
    const std::string path = std::string("/gateways/line/listeners/") + id;
    CHECK(node.call("GET", path).status == 404);
    CHECK(node.call("PUT", path, {{"bind", "127.0.0.1:1"}}).status == 404);
    CHECK(node.call("DELETE", path).status == 404);
  }
  const Json taken = {{"id", "tcp:default"}, {"bind", "127.0.0.1:1"}};
  CHECK(node.call("POST", "/gateways/line/listeners", taken).status == 400);
  CHECK(node.call("PUT", "/gateways/line", {{"listeners", {taken}}}).status == 400);
  CHECK(node.call("PUT", "/gateways/line/listeners/tcp:a", {{"protocol", "mqtt"}}).status == 400);
  CHECK(node.commands.running.size() == 4);
  CHECK(node.commands.running[0].config.protocol == "mqtt");
}

TEST_CASE("A gateway is changed as a whole: the listeners that are named; settings need its plugin", "[admin]") {
  Gateways node;
  node.commands.takes_listeners = true;
  const Json listeners = {{{"id", "line:tcp:a"}, {"max_connections", 3}, {"bind", "127.0.0.1:1"}},
                          {{"type", "ws"}, {"name", "web"}, {"bind", "127.0.0.1:2"}}};
  CHECK(node.call("PUT", "/gateways/line", {{"name", "line"}, {"listeners", listeners}}).status == 204);
  CHECK(node.json("GET", "/gateways/line/listeners/tcp:a")["max_connections"] == 3);
  CHECK(node.json("GET", "/gateways/line/listeners/ws:web")["protocol"] == "line");
  CHECK(node.json("GET", "/gateways/line/listeners").size() == 3);
  CHECK(node.call("PUT", "/gateways/line", {{"name", "stomp"}}).status == 400);
  CHECK(node.call("PUT", "/gateways/line", {{"enable", "yes"}}).status == 400);
  CHECK(node.call("PUT", "/gateways/none", Json::object()).status == 404);
  for (const Json& body : {Json{{"frame", {{"max_headers", 10}}}}, Json{{"enable", true}}}) {
    const ApiResponse answer = node.call("PUT", "/gateways/coap", body);
    CHECK(answer.status == 400);
    CHECK(Json::parse(answer.body)["message"].get<std::string>().find("no plugin") == 0);
  }
}

// Listeners that are made, changed, stopped and removed over REST while clients of others stay connected, and what is
// kept of it over a restart.
#include <catch2/catch.hpp>

#include <fstream>
#include <sstream>
#include <string>

#include "wire/rest_client.h"
#include "wire/support/broker.h"
#include "wire/support/mqtt_client.h"

namespace patchbay::wire {
namespace {

constexpr const char* kPassword = "Operator-2026!";

struct OpenBroker {
  explicit OpenBroker(Broker::Settings more = {}) : broker(settings(api_port, std::move(more))), api(api_port) {
    api.log_in("admin", kPassword);
  }
  static Broker::Settings settings(uint16_t port, Broker::Settings more) {
    more.push_back("api.bind=127.0.0.1:" + std::to_string(port));
    more.push_back("api.admin_password=" + std::string(kPassword));
    return more;
  }
  void restart() {
    broker.stop();
    broker.start();
    api = RestClient(api_port);
    api.log_in("admin", kPassword);
  }
  RestAnswer put(const std::string& path, const Json& body) { return api.call("PUT", path, body); }

  uint16_t api_port = free_port();
  Broker broker;
  RestClient api;
};

std::string loopback(uint16_t port) {
  return "127.0.0.1:" + std::to_string(port);
}

bool accepts(uint16_t port) {
  try {
    static_cast<void>(MqttClient::connected(port, {.client_id = "probe"}));
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

std::string code_of(const RestAnswer& answer) {
  return answer.json().value("code", std::string());
}

}  // namespace

TEST_CASE("rest listeners: one is created, changed, stopped, started and removed, and the others do not notice") {
  OpenBroker node;
  MqttClient resident = MqttClient::connected(node.broker.tcp_port(), {.client_id = "resident"});
  const uint16_t port = free_port();
  const Json extra = {{"type", "tcp"}, {"name", "extra"}, {"bind", loopback(port)}, {"max_connections", 7}};
  const RestAnswer created = node.api.call("POST", "/listeners", extra);
  INFO(created.body);
  REQUIRE(created.status == 200);
  CHECK(created.json().at("id") == "tcp:extra");
  CHECK(created.json().at("running") == true);
  CHECK(code_of(node.api.call("POST", "/listeners", extra)) == "BAD_LISTENER_ID");
  MqttClient guest = MqttClient::connected(port, {.client_id = "guest"});
  CHECK(node.api.get("/listeners/tcp:extra").at("current_connections") == 1);
  CHECK(node.put("/listeners/tcp:extra", {{"max_connections", 9}}).json().at("max_connections") == 9);
  guest.ping();  // who is connected stays
  CHECK(node.api.call("POST", "/listeners/tcp:extra/stop").status == 200);
  CHECK(guest.expect_disconnect().reason_code == 0x98);
  CHECK_FALSE(accepts(port));
  CHECK(node.api.get("/listeners/tcp:extra").at("running") == false);
  CHECK(node.api.call("POST", "/listeners/tcp:extra/start").status == 200);
  CHECK(accepts(port));
  CHECK(node.api.call("POST", "/listeners/tcp:extra/restart").status == 200);
  CHECK(accepts(port));
  CHECK(node.put("/listeners/tcp:extra", {{"enable", false}}).json().at("running") == false);
  CHECK_FALSE(accepts(port));
  CHECK(node.api.call("DELETE", "/listeners/tcp:extra").status == 204);
  CHECK(code_of(node.api.call("GET", "/listeners/tcp:extra")) == "BAD_LISTENER_ID");
  CHECK(node.api.call("DELETE", "/listeners/tcp:extra").status == 404);
  resident.ping();
}

TEST_CASE("rest listeners: what would be refused at a start is refused, and nothing has changed") {
  OpenBroker node;
  const Json before = node.api.get("/listeners");
  const auto refused = [&](const char* path, const Json& body, const std::string& word) {
    const RestAnswer answer = node.api.call("POST", path, body);
    INFO(answer.body);
    CHECK(answer.status == 400);
    CHECK(answer.body.find(word) != std::string::npos);
  };
  refused("/listeners/tcp:open", {{"bind", "0.0.0.0:0"}}, "allow_anonymous");
  refused("/listeners/tcp:bad", {{"bind", "nowhere"}}, "bind");
  refused("/listeners/tcp:bad", {{"bind", loopback(node.broker.tcp_port())}}, "takes already");
  refused("/listeners/tcp:bad", {{"bind", loopback(free_port())}, {"ssl", {{"verify", "peer"}}}}, "ssl");
  refused("/listeners/tcp:bad", {{"bind", loopback(free_port())}, {"backlog", 0}}, "backlog");
  refused("/listeners/tcp:bad", {{"bind", loopback(free_port())}, {"maximum", 1}}, "unknown key");
  refused("/listeners/ssl:bad", {{"bind", loopback(free_port())}}, "certfile");
  refused("/listeners/tcp:bad", {{"id", "tcp:other"}, {"bind", loopback(free_port())}}, "id");
  refused("/listeners/quic:bad", {{"bind", loopback(free_port())}}, "BAD_LISTENER_ID");
  refused("/listeners/tcp:..%2Fup", {{"bind", loopback(free_port())}}, "BAD_LISTENER_ID");
  CHECK(node.api.get("/listeners") == before);
  CHECK(accepts(node.broker.tcp_port()));
}

TEST_CASE("rest listeners: changes at run time are there again after a restart") {
  OpenBroker node;
  const uint16_t port = free_port();
  REQUIRE(node.api.call("POST", "/listeners/tcp:kept", {{"bind", loopback(port)}}).status == 200);
  const RestAnswer delayed = node.put("/mqtt/delayed", {{"max_delayed_messages", 5}});
  CHECK(delayed.json().at("applied") == Json::array({"delayed.max_delayed_messages"}));
  const RestAnswer inflight = node.put("/configs/mqtt", {{"max_inflight", 3}});
  CHECK(inflight.json().at("applied") == Json::array({"mqtt.max_inflight"}));
  node.restart();
  CHECK(accepts(port));
  CHECK(node.api.get("/mqtt/delayed").at("max_delayed_messages") == 5);
  CHECK(node.api.get("/configs/mqtt").at("max_inflight") == 3);
  CHECK(node.api.call("DELETE", "/listeners/tcp:kept").status == 204);
  node.restart();
  CHECK_FALSE(accepts(port));
}

TEST_CASE("rest listeners: what the command line gives is stronger, and a change of it is refused") {
  OpenBroker node({"mqtt.max_inflight=11"});
  const RestAnswer refused = node.put("/configs/mqtt", {{"max_inflight", 3}});
  CHECK(refused.status == 400);
  CHECK(refused.body.find("--set") != std::string::npos);
  CHECK(node.api.get("/configs/mqtt").at("max_inflight") == 11);
  CHECK(node.put("/configs/mqtt", {{"max_mqueue_len", 77}}).status == 200);
}

}  // namespace patchbay::wire

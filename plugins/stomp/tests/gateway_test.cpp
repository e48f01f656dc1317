// STOMP's clients as operators see them over REST: listed under /gateways, and ended one by one.
#include <fstream>

#include "stomp_broker.h"
#include "wire/rest_client.h"
#include "wire/support/mqtt_client.h"

using namespace patchbay::stomp::test;  // NOLINT: test
using namespace patchbay::wire;         // NOLINT: test

namespace {

struct OperatedDoor {
  std::uint16_t api_port = free_port();
  std::uint16_t tcp = free_port();
  PluginBroker broker{"enabled = [\"stomp\"]\n" + plugin_text() + listener_text("tcp", tcp),
                      "127.0.0.1:" + std::to_string(api_port)};
  RestClient api{api_port};
  OperatedDoor() {
    install(broker, PATCHBAY_STOMP_PLUGIN, "stomp.so");
    broker.start();
    std::ifstream file(broker.data() + "/ctl-token");
    std::string url;
    std::string token;
    std::getline(file, url);
    std::getline(file, token);
    api.use_token(token);
  }
};

}  // namespace

TEST_CASE("stomp: a gateway among EMQX's, with its listeners and clients") {
  OperatedDoor door;
  StompSocket client = StompSocket::connected(door.tcp, "client-id:ann\n");
  const MqttClient mqtt = MqttClient::connected(door.broker.port(), {.client_id = "bob"});
  const Json all = door.api.get("/gateways");
  REQUIRE(all.size() == 1);
  CHECK(all[0].at("name") == "stomp");
  CHECK(all[0].at("status") == "running");
  CHECK(all[0].at("plugin") == "stomp");
  CHECK(all[0].at("current_connections") == 1);
  CHECK(all[0].at("listeners")[0].at("id") == "stomp:tcp:stomp");
  CHECK(all[0].contains("started_at"));
  CHECK(door.api.get("/gateways/stomp/listeners")[0].at("running") == true);
  const Json clients = door.api.get("/gateways/stomp/clients").at("data");
  REQUIRE(clients.size() == 1);
  CHECK(clients[0].at("clientid") == "ann");
  CHECK(clients[0].at("proto_name") == "STOMP");
  CHECK(door.api.get("/clients").at("data").size() == 2);
  CHECK(door.api.get("/gateways/stomp/clients/ann").at("listener") == "tcp:stomp");
  CHECK(door.api.call("GET", "/gateways/stomp/clients/bob").status == 404);
  CHECK(door.api.call("DELETE", "/gateways/stomp/clients/bob").status == 404);
  CHECK(door.api.call("GET", "/gateways/coap").status == 404);
  CHECK(door.broker.stop() == 0);
}

TEST_CASE("stomp: a client is kicked over REST, and told so") {
  OperatedDoor door;
  for (const std::string path : {"/clients/ann", "/gateways/stomp/clients/ann"}) {
    StompSocket client = StompSocket::connected(door.tcp, "client-id:ann\n");
    CHECK(client.ask("SUBSCRIBE\nid:1\ndestination:/topic/x\nreceipt:1\n\n").command == "RECEIPT");
    CHECK(door.api.get("/clients/ann/subscriptions").size() == 1);
    CHECK(door.api.call("DELETE", path).status == 204);
    const Answer goodbye = client.receive();
    CHECK(goodbye.command == "ERROR");
    CHECK_FALSE(goodbye.value("message").empty());
    CHECK(client.receive().command == "<closed>");
    CHECK(door.api.call("GET", "/clients/ann").status == 404);
    CHECK(door.api.call("DELETE", path).status == 404);
  }
  CHECK(door.broker.stop() == 0);
}

TEST_CASE("stomp: the gateway is turned off and on, which is its plugin") {
  OperatedDoor door;
  StompSocket client = StompSocket::connected(door.tcp, "client-id:ann\n");
  CHECK(door.api.call("PUT", "/gateways/stomp/enable/perhaps").status == 400);
  CHECK(door.api.call("PUT", "/gateways/stomp/enable/false").status == 204);
  CHECK(client.receive().command == "ERROR");
  CHECK(door.api.get("/gateways/stomp").at("status") == "stopped");
  CHECK(door.api.get("/gateways?status=running").empty());
  CHECK(door.api.call("PUT", "/gateways/stomp/enable/true").status == 204);
  CHECK(door.api.get("/gateways/stomp").at("status") == "running");
  StompSocket::connected(door.tcp, "client-id:ann\n");
  CHECK(door.broker.stop() == 0);
}

TEST_CASE("stomp: the gateway is changed in EMQX's form: settings, which its schema checks, and on or off") {
  OperatedDoor door;
  CHECK(door.api.call("PUT", "/gateways/stomp", {{"frame", {{"max_body_length", 10}}}}).status == 204);
  const Json shown = door.api.get("/gateways/stomp");
  CHECK(shown.at("enable") == true);
  CHECK(shown.at("frame").at("max_body_length") == 10);
  CHECK(shown.at("frame").at("max_headers") == 100);  // what was not named stays
  StompSocket client = StompSocket::connected(door.tcp, "client-id:ann\n");
  CHECK(client.ask("SEND\ndestination:/topic/x\nreceipt:1\n\n0123456789").command == "RECEIPT");
  CHECK(client.ask("SEND\ndestination:/topic/x\nreceipt:2\n\n0123456789+").command == "ERROR");
  const auto versions = [&] { return door.api.get("/plugins/stomp/config/versions").size(); };
  const std::size_t before = versions();
  CHECK(door.api.call("PUT", "/gateways/stomp", shown).status == 204);  // as it was read: nothing changes
  CHECK(versions() == before);
  const RestAnswer unknown = door.api.call("PUT", "/gateways/stomp", {{"mountpoint", "x/"}});
  CHECK(unknown.status == 400);
  CHECK(unknown.body.find("mountpoint") != std::string::npos);
  CHECK(door.api.call("PUT", "/gateways/stomp", {{"frame", {{"max_headers", 0}}}}).status == 400);
  CHECK(door.api.call("PUT", "/gateways/stomp", {{"enable", false}}).status == 204);
  CHECK(door.api.get("/gateways/stomp").at("status") == "stopped");
  CHECK(door.api.get("/gateways/stomp").at("enable") == false);
  CHECK(door.api.call("PUT", "/gateways/stomp", {{"enable", true}}).status == 204);
  StompSocket::connected(door.tcp, "client-id:ann\n");
  CHECK(door.broker.stop() == 0);
}

TEST_CASE("stomp: a listener of the gateway is opened and closed over REST; a client's subscriptions are shown") {
  OperatedDoor door;
  const std::uint16_t port = free_port();
  const Json wanted = {{"type", "tcp"}, {"name", "second"}, {"bind", "127.0.0.1:" + std::to_string(port)}};
  const RestAnswer created = door.api.call("POST", "/gateways/stomp/listeners", wanted);
  INFO(created.body);
  CHECK(created.status == 201);
  CHECK(created.json().at("id") == "stomp:tcp:second");
  StompSocket client = StompSocket::connected(port, "client-id:ann\n");
  CHECK(client.ask("SUBSCRIBE\nid:1\ndestination:/topic/x\nreceipt:1\n\n").command == "RECEIPT");
  const MqttClient mqtt = MqttClient::connected(door.broker.port(), {.client_id = "bob"});
  const Json subscriptions = door.api.get("/gateways/stomp/clients/ann/subscriptions");
  REQUIRE(subscriptions.size() == 1);
  CHECK(subscriptions[0].at("topic") == "x");
  CHECK(door.api.call("GET", "/gateways/stomp/clients/bob/subscriptions").status == 404);
  CHECK(door.api.get("/gateways/stomp").at("listeners").size() == 2);
  CHECK(door.api.call("DELETE", "/gateways/stomp/listeners/stomp:tcp:second").status == 204);
  CHECK(client.receive().command == "ERROR");
  CHECK(client.receive().command == "<closed>");
  CHECK(door.api.get("/gateways/stomp").at("listeners").size() == 1);
  CHECK(door.broker.stop() == 0);
}

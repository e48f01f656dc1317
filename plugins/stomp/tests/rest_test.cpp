// STOMP clients as operators see them over REST: listed, kicked, and kept while the plugin is replaced beneath them.
#include <atomic>
#include <fstream>
#include <thread>

#include "stomp_broker.h"
#include "wire/support/mqtt_client.h"

using namespace patchbay::stomp::test;  // NOLINT: test
using namespace patchbay::wire;         // NOLINT: test

namespace {

/// A broker with the plugin and the REST API, and an operator on its host.
struct OperatedBroker {
  explicit OperatedBroker(const std::string& settings = {})
      : broker("enabled = [\"stomp\"]\n" + plugin_text(settings) + listener_text("tcp", stomp), "127.0.0.1:0") {
    install(broker, PATCHBAY_STOMP_PLUGIN, "stomp.so");
    broker.start();
    std::ifstream file(broker.data() + "/ctl-token");
    std::getline(file, url);
    std::getline(file, token);
  }
  /// The answer's body with its status in a line behind it.
  [[nodiscard]] std::string ask(const std::string& method, const std::string& path,
                                const std::string& body = {}) const {
    std::vector<std::string> command{
        "curl", "-s", "-X", method, "-w", "\n%{http_code}", "-H", "Authorization: Bearer " + token};
    if (!body.empty()) command.insert(command.end(), {"-H", "Content-Type: application/json", "-d", body});
    command.push_back(url + "/api/v5" + path);
    return run(command).output;
  }
  void ctl(std::vector<std::string> words) const {
    std::vector<std::string> command{Broker::program(), "ctl", "--data", broker.data()};
    command.insert(command.end(), words.begin(), words.end());
    const Finished finished = run(command, 40s);
    INFO(finished.output << finished.error);
    REQUIRE(finished.exit_code == 0);
  }

  std::uint16_t stomp = free_port();
  PluginBroker broker;
  std::string url;
  std::string token;
};

constexpr int kMostMessages = 900;  // what a session keeps for a client that doesn't read meanwhile

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("stomp: a client is listed with its protocol, and whom an operator kicks is told and gone") {
  OperatedBroker node;
  StompSocket client = StompSocket::connected(node.stomp, "login:ann\nclient-id:kicked\n");
  StompSocket other = StompSocket::connected(node.stomp, "client-id:stays\n");
  CHECK(client.ask("SUBSCRIBE\nid:1\ndestination:/topic/a\nreceipt:r\n\n").command == "RECEIPT");
  const std::string shown = node.ask("GET", "/clients/kicked");
  INFO(shown);
  CHECK(contains(shown, "\n200"));
  CHECK(contains(shown, "\"STOMP\""));
  CHECK(contains(shown, "\"ann\""));
  CHECK(contains(node.ask("GET", "/clients/kicked/subscriptions"), "\"a\""));
  CHECK(contains(node.ask("DELETE", "/clients/kicked"), "\n204"));
  const Answer told = client.receive();
  CHECK(told.command == "ERROR");
  CHECK(told.value("message") == "The connection was closed by the server");
  CHECK(client.receive().command == "<closed>");
  CHECK(contains(node.ask("GET", "/clients/kicked"), "\n404"));
  CHECK(contains(node.ask("GET", "/clients?limit=10"), "\"stays\""));
  CHECK(other.ask("SEND\ndestination:/topic/a\nreceipt:2\n\nx").value("receipt-id") == "2");
  CHECK(node.broker.stop() == 0);
}

TEST_CASE("stomp: what an operator subscribes a client to comes as a MESSAGE that names a subscription") {
  OperatedBroker node;
  StompSocket client = StompSocket::connected(node.stomp, "client-id:served\n");
  CHECK(client.ask("SUBSCRIBE\nid:mine\ndestination:/topic/own\nreceipt:r\n\n").command == "RECEIPT");
  MqttClient mqtt = MqttClient::connected(node.broker.port(), {.client_id = "m"});
  const std::string clients = "/gateways/stomp/clients/";
  const std::string entered = node.ask("POST", clients + "served/subscriptions", R"({"topic": "news/+", "qos": 1})");
  INFO(entered);
  CHECK(contains(entered, "\n201"));
  CHECK(contains(entered, "\"news/+\""));
  mqtt.publish("news/a", "first", 1);
  const Answer first = client.receive();
  CHECK(first.command == "MESSAGE");
  CHECK(first.value("subscription") == "operator");
  CHECK(first.value("destination") == "/topic/news.a");
  CHECK(first.body == "first");
  // The client's own stays its own, also when an operator has given it another QoS.
  CHECK(contains(node.ask("POST", "/clients/served/subscribe", R"({"topic": "own", "qos": 0})"), "\n200"));
  mqtt.publish("own", "second", 1);
  const Answer second = client.receive();
  CHECK(second.value("subscription") == "mine");
  CHECK(second.value("qos") == "<none>");
  CHECK(contains(node.ask("DELETE", clients + "served/subscriptions/news%2F%2B"), "\n204"));
  mqtt.publish("news/a", "unwanted", 1);
  mqtt.publish("own", "third", 1);
  CHECK(client.receive().body == "third");
  const std::string left = node.ask("GET", clients + "served/subscriptions");
  CHECK(contains(left, "\"own\""));
  CHECK_FALSE(contains(left, "news"));
  // A client of another protocol is none of this gateway's.
  CHECK(contains(node.ask("POST", clients + "m/subscriptions", R"({"topic": "a"})"), "\n404"));
  CHECK(contains(node.ask("DELETE", clients + "m/subscriptions/a"), "\n404"));
  CHECK(contains(node.ask("POST", clients + "served/subscriptions", R"({"topic": "a/#/b"})"), "\n400"));
  CHECK(contains(node.ask("GET", "/gateways/stomp/authentication"), "\n204"));
  CHECK(node.broker.stop() == 0);
}

TEST_CASE("stomp: a client that acknowledges nothing gets max_unacknowledged messages, and each ACK one more") {
  OperatedBroker node("{ max_unacknowledged = 3 }");
  StompSocket client = StompSocket::connected(node.stomp, "client-id:slow\n");
  CHECK(client.ask("SUBSCRIBE\nid:1\ndestination:/topic/a\nack:client-individual\nreceipt:r\n\n").command == "RECEIPT");
  CHECK(client.ask("SUBSCRIBE\nid:2\ndestination:/topic/b\nqos:0\nreceipt:r\n\n").command == "RECEIPT");
  MqttClient mqtt = MqttClient::connected(node.broker.port(), {.client_id = "m"});
  for (int i = 0; i < 10; ++i) mqtt.publish("a", std::to_string(i), 1);
  mqtt.publish("b", "end", 1);
  std::vector<std::string> acks;
  for (int i = 0; i < 3; ++i) {
    const Answer message = client.receive();
    CHECK(message.body == std::to_string(i));
    acks.push_back(message.value("ack"));
  }
  // The broker keeps the rest in the session's queue, in order: what is behind it, of whatever QoS, waits as well.
  for (int i = 3; i < 10; ++i) {
    client.send("ACK\nid:" + acks[static_cast<size_t>(i) - 3] + "\n\n");
    const Answer message = client.receive();
    CHECK(message.body == std::to_string(i));
    acks.push_back(message.value("ack"));
  }
  client.send("NACK\nid:" + acks[7] + "\n\n");
  CHECK(client.receive().body == "end");
  CHECK(node.broker.stop() == 0);
}

TEST_CASE("stomp: the plugin is upgraded over REST under load; no client of either protocol notices, nothing is lost") {
  OperatedBroker node;
  MqttClient listener = MqttClient::connected(node.broker.port(), {.client_id = "mqtt-listener"});
  listener.subscribe({{"from/stomp", 1}});
  StompSocket sender = StompSocket::connected(node.stomp, "client-id:stomp-sender\n");
  StompSocket receiver = StompSocket::connected(node.stomp, "client-id:stomp-receiver\n");
  CHECK(receiver.ask("SUBSCRIBE\nid:1\ndestination:/topic/from.mqtt\nack:client\nreceipt:r\n\n").command == "RECEIPT");
  std::atomic<bool> ends{false};
  int published = 0;
  int sent = 0;
  bool answered = true;
  std::thread load([&] {
    MqttClient mqtt = MqttClient::connected(node.broker.port(), {.client_id = "mqtt-publisher"});
    while (!ends) {
      std::this_thread::sleep_for(5ms);
      if (published == kMostMessages) continue;
      mqtt.publish("from/mqtt", std::to_string(published++), 1);
      const Answer receipt = sender.ask("SEND\ndestination:/topic/from.stomp\nreceipt:x\n\n" + std::to_string(sent++));
      answered = answered && receipt.command == "RECEIPT";
    }
    mqtt.publish("from/mqtt", "end", 1);
    answered = answered && sender.ask("SEND\ndestination:/topic/from.stomp\nreceipt:x\n\nend").command == "RECEIPT";
  });
  std::this_thread::sleep_for(300ms);
  const std::string before = node.ask("GET", "/plugins/stomp");
  node.ctl({"plugins", "allow", "stomp", PATCHBAY_STOMP_NEXT});
  node.ctl({"plugins", "upgrade", "stomp", PATCHBAY_STOMP_NEXT});
  const std::string after = node.ask("GET", "/plugins/stomp");
  std::this_thread::sleep_for(300ms);
  ends = true;
  load.join();
  CHECK(contains(before, "\"1.0.0\""));
  CHECK(contains(after, "\"1.0.1\""));
  CHECK(answered);
  INFO(published << " and " << sent);
  CHECK(published > 20);
  bool in_order = true;
  for (int i = 0; i < published; ++i) {
    const Answer message = receiver.receive();
    in_order = in_order && message.body == std::to_string(i);
    if (i % 50 == 0) receiver.send("ACK\nid:" + message.value("ack") + "\n\n");
  }
  CHECK(in_order);
  CHECK(receiver.receive().body == "end");
  for (int i = 0; i < sent; ++i) in_order = in_order && listener.receive().payload == std::to_string(i);
  CHECK(in_order);
  CHECK(listener.receive().payload == "end");
  CHECK(node.broker.stop() == 0);
}

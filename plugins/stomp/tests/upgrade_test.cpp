// The plugin comes, is replaced and goes while clients of both kinds are there. PATCHBAY_SOAK_CYCLES sets how often.
#include <cstdlib>
#include <iostream>

#include "soak/load.h"
#include "stomp_broker.h"
#include "wire/support/mqtt_client.h"

using namespace patchbay::stomp::test;  // NOLINT: test
using namespace patchbay::wire;         // NOLINT: test

TEST_CASE("stomp: an upgrade keeps its clients, with all that they have begun") {
  const std::uint16_t port = free_port();
  PluginBroker broker("enabled = [\"stomp\"]\n" + plugin_text() + listener_text("tcp", port));
  install(broker, PATCHBAY_STOMP_PLUGIN, "stomp.so");
  broker.start();
  MqttClient mqtt = MqttClient::connected(broker.port(), {.client_id = "m"});
  mqtt.subscribe({{"committed", 1}});
  StompSocket client = StompSocket::connected(port, "client-id:s\n");
  const std::string subscribe =
      "SUBSCRIBE\nid:a\ndestination:/topic/a\nack:client-individual\nprefetch-count:1\nreceipt:1\n\n";
  CHECK(client.ask(subscribe).command == "RECEIPT");
  for (const char* payload : {"1", "2", "3"}) mqtt.publish("a", payload, 1);
  const Answer first = client.receive();
  CHECK(first.body == "1");
  client.send("BEGIN\ntransaction:t\n\n");
  CHECK(client.ask("SEND\ndestination:/topic/committed\ntransaction:t\nreceipt:2\n\nkept").command == "RECEIPT");
  client.socket().send("SEND\ndestination:/topic/comm");  // half a frame
  install(broker, PATCHBAY_STOMP_NEXT, "stomp.so");
  broker.reload_until("plugin unmapped");
  client.socket().send(std::string("itted\nreceipt:3\n\nhalf\0", 22));
  CHECK(client.receive().value("receipt-id") == "3");
  CHECK(mqtt.receive().payload == "half");
  const Answer second = client.ask("ACK\nid:" + first.value("ack") + "\n\n");
  CHECK(second.body == "2");
  CHECK(client.ask("COMMIT\ntransaction:t\nreceipt:4\n\n").value("receipt-id") == "4");
  CHECK(mqtt.receive().payload == "kept");
  const Answer third = client.ask("ACK\nid:" + second.value("ack") + "\n\n");
  CHECK(third.body == "3");
  CHECK(client.ask("DISCONNECT\nreceipt:5\n\n").value("receipt-id") == "5");
  mqtt.ping();
  CHECK(broker.stop() == 0);
}

TEST_CASE("stomp: cycles of enable and disable under load cost MQTT clients nothing") {
  const char* text = std::getenv("PATCHBAY_SOAK_CYCLES");
  const unsigned long cycles = text == nullptr ? 6 : std::strtoul(text, nullptr, 10);
  const std::uint16_t port = free_port();
  const std::string on = "enabled = [\"stomp\"]\n" + plugin_text() + listener_text("tcp", port);
  const std::string off = listener_text("tcp", port);
  PluginBroker broker(off);
  install(broker, PATCHBAY_STOMP_PLUGIN, "stomp.so");
  broker.start();
  patchbay::soak::Load load(broker.port(), 20);
  REQUIRE(load.connect(20'000));
  load.start_publishing();
  for (unsigned long cycle = 0; cycle < cycles; ++cycle) {
    broker.configure(on);
    broker.reload_until("after=started");
    StompSocket client = StompSocket::connected(port, "client-id:s\n");
    CHECK(client.ask("SUBSCRIBE\nid:a\ndestination:stamp/0\nreceipt:1\n\n").command == "RECEIPT");
    CHECK(client.receive().command == "MESSAGE");
    broker.configure(off);
    broker.reload_until("after=unloaded");
    Answer last = client.receive();
    while (last.command == "MESSAGE") last = client.receive();
    CHECK(last.value("message") == "STOMP is being switched off");
  }
  CHECK(load.finish(20'000));
  const patchbay::soak::LoadReport report = load.report();
  std::cout << cycles << " cycles, " << report.sent << " messages\n";
  CHECK(report.disconnects == 0);
  CHECK(report.lost == 0);
  CHECK(report.received == report.sent);
  CHECK(broker.stop() == 0);
}

// The scenarios of the Eclipse Paho interoperability tests for MQTT 5.0: receive maximum both ways, redelivery.
#include <catch2/catch.hpp>

#include "wire/support/broker.h"
#include "wire/support/mqtt_client.h"

namespace patchbay::wire {
namespace {

ConnectOptions durable(const std::string& client_id) {
  ConnectOptions options{.client_id = client_id, .clean_start = false};
  options.properties.add(property::kSessionExpiryInterval, 600);
  return options;
}

}  // namespace

TEST_CASE("v5 flow control: more than the broker's receive maximum ends the connection with 0x93 [MQTT-3.3.4-7]",
          "[interop]") {
  Broker broker({"mqtt.receive_maximum=4"});
  MqttClient client = MqttClient::connected(broker.tcp_port(), {.client_id = "eager"});
  CHECK(client.connack().properties.number(property::kReceiveMaximum) == 4);
  // QoS 2 messages stay open until PUBREL.
  for (uint16_t id = 1; id <= 5; ++id) {
    client.send(publish_packet(5, {.topic = "flow", .payload = "a", .qos = 2, .packet_id = id}));
  }
  for (int count = 0; count < 4; ++count) client.expect(packet_type::kPubrec);
  CHECK(client.expect_disconnect().reason_code == 0x93);
}

TEST_CASE("v5 flow control: a message that was completed gives its place back [MQTT-2.2.1-4]", "[interop]") {
  Broker broker({"mqtt.receive_maximum=2"});
  MqttClient client = MqttClient::connected(broker.tcp_port(), {.client_id = "patient"});
  for (int count = 0; count < 10; ++count) client.publish("flow", "a", static_cast<uint8_t>(1 + count % 2));
  client.ping();
}

TEST_CASE("v5 flow control: the broker keeps to the client's receive maximum [MQTT-3.3.4-9]", "[interop]") {
  Broker broker;
  ConnectOptions options{.client_id = "narrow"};
  options.properties.add(property::kReceiveMaximum, 2);
  MqttClient client = MqttClient::connected(broker.tcp_port(), options);
  client.acknowledge_by_hand();
  client.subscribe({{"flow/#", 2}});
  MqttClient publisher = MqttClient::connected(broker.tcp_port(), {.client_id = "publisher"});
  for (int count = 1; count <= 5; ++count) publisher.publish("flow/1", std::to_string(count), 1);

  const Publish first = client.receive();
  const Publish second = client.receive();
  CHECK(first.payload == "1");
  CHECK(second.payload == "2");
  CHECK(client.quiet());
  client.acknowledge(packet_type::kPuback, first.packet_id);
  const Publish third = client.receive();
  CHECK(third.payload == "3");
  CHECK(client.quiet());
  client.acknowledge(packet_type::kPuback, second.packet_id);
  client.acknowledge(packet_type::kPuback, third.packet_id);
  CHECK(client.receive_payloads(2) == std::vector<std::string>{"4", "5"});
  // The window is full again, but nothing waits: QoS 0 needs no place in it.
  publisher.publish("flow/0", "free", 0);
  CHECK(client.receive().payload == "free");
  // Nor do the answers to what the client asks [MQTT-3.3.4-10].
  client.ping();
}

TEST_CASE(
    "v5 flow control: a QoS 2 message holds its place until PUBCOMP, or until a PUBREC that refuses it [MQTT-4.3.3-1] "
    "[MQTT-4.3.3-9] [MQTT-4.4.0-2]",
    "[interop]") {
  Broker broker;
  ConnectOptions options{.client_id = "narrow"};
  options.properties.add(property::kReceiveMaximum, 1);
  MqttClient client = MqttClient::connected(broker.tcp_port(), options);
  client.acknowledge_by_hand();
  client.subscribe({{"flow", 2}});
  MqttClient publisher = MqttClient::connected(broker.tcp_port(), {.client_id = "publisher"});
  for (const char* payload : {"1", "2", "3"}) publisher.publish("flow", payload, 2);

  const Publish first = client.receive();
  client.acknowledge(packet_type::kPubrec, first.packet_id);
  client.expect(packet_type::kPubrel);
  CHECK(client.quiet());
  client.acknowledge(packet_type::kPubcomp, first.packet_id);
  const Publish second = client.receive();
  CHECK(second.payload == "2");
  client.acknowledge(packet_type::kPubrec, second.packet_id, 0x97);
  CHECK(client.receive().payload == "3");
}

TEST_CASE("v5 redelivery on reconnect: in order, marked dup, and only then [MQTT-4.4.0-1]", "[interop]") {
  Broker broker;
  MqttClient first = MqttClient::connected(broker.tcp_port(), durable("forgetful"));
  first.acknowledge_by_hand();
  first.subscribe({{"again/#", 2}});
  MqttClient publisher = MqttClient::connected(broker.tcp_port(), {.client_id = "publisher"});
  publisher.publish("again/1", "one", 1);
  publisher.publish("again/2", "two", 2);
  const Publish one = first.receive();
  const Publish two = first.receive();
  CHECK(first.quiet(1000ms));  // nothing is sent again on a connection that holds
  first.drop();

  MqttClient again = MqttClient::connected(broker.tcp_port(), durable("forgetful"));
  CHECK(again.connack().session_present);
  const Publish one_again = again.receive();
  const Publish two_again = again.receive();
  CHECK((one_again.payload == "one" && one_again.dup && one_again.packet_id == one.packet_id));
  CHECK((two_again.payload == "two" && two_again.dup && two_again.packet_id == two.packet_id));
  CHECK(again.quiet());
}

TEST_CASE("v5: the QoS 2 messages that a client had open are still known after it comes back [MQTT-4.3.3-10]",
          "[interop]") {
  Broker broker;
  MqttClient subscriber = MqttClient::connected(broker.tcp_port(), {.client_id = "subscriber"});
  subscriber.subscribe({{"half", 2}});
  MqttClient first = MqttClient::connected(broker.tcp_port(), durable("halfway"));
  Publish message{.topic = "half", .payload = "once", .qos = 2, .packet_id = 11};
  first.send(publish_packet(5, message));
  first.expect(packet_type::kPubrec);
  first.drop();

  MqttClient again = MqttClient::connected(broker.tcp_port(), durable("halfway"));
  message.dup = true;
  again.send(publish_packet(5, message));
  CHECK(read_acknowledgement(5, again.expect(packet_type::kPubrec)).packet_id == 11);
  again.acknowledge(packet_type::kPubrel, 11);
  CHECK(read_acknowledgement(5, again.expect(packet_type::kPubcomp)).reason_codes[0] == 0);
  CHECK(subscriber.receive().payload == "once");
  CHECK(subscriber.quiet());
}

TEST_CASE("v5: PUBREL and PUBREC for packet identifiers that nobody knows are answered with 0x92", "[interop]") {
  Broker broker;
  MqttClient client = MqttClient::connected(broker.tcp_port(), {.client_id = "confused"});
  client.acknowledge_by_hand();
  client.acknowledge(packet_type::kPubrel, 321);
  const Acknowledgement completed = read_acknowledgement(5, client.expect(packet_type::kPubcomp));
  CHECK(completed.packet_id == 321);
  CHECK(completed.reason_codes[0] == 0x92);
  client.acknowledge(packet_type::kPubrec, 322);
  const Acknowledgement released = read_acknowledgement(5, client.expect(packet_type::kPubrel));
  CHECK(released.packet_id == 322);
  CHECK(released.reason_codes[0] == 0x92);
  client.ping();
}

}  // namespace patchbay::wire

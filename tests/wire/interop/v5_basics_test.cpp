// The scenarios of the Eclipse Paho interoperability tests for MQTT 5.0: messages, properties, topics.
#include <catch2/catch.hpp>

#include "wire/support/broker.h"
#include "wire/support/mqtt_client.h"

namespace patchbay::wire {
namespace {

MqttClient connected(const Broker& broker, const std::string& client_id) {
  return MqttClient::connected(broker.tcp_port(), {.client_id = client_id});
}

}  // namespace

TEST_CASE("v5 basic: every QoS comes back, with its user properties", "[interop]") {
  Broker broker;
  MqttClient client = connected(broker, "myclientid");
  CHECK(client.subscribe({{"TopicA", 2}}).reason_codes == std::vector<uint8_t>{2});
  for (uint8_t qos = 0; qos <= 2; ++qos) {
    Publish message{.topic = "TopicA", .payload = "qos " + std::to_string(qos), .qos = qos};
    message.properties.add_user("a", "2").add_user("c", "3").add_user("a", "again");
    client.publish(message);
    const Publish back = client.receive();
    CHECK(back.qos == qos);
    CHECK(back.payload == message.payload);
    // All of them, in their order, repeated names too [MQTT-3.3.2-17] [MQTT-3.3.2-18].
    CHECK(back.properties.user_properties() == message.properties.user_properties());
  }
  client.disconnect();
}

TEST_CASE("v5: a second CONNECT is a protocol error [MQTT-3.1.0-2]", "[interop]") {
  Broker broker;
  MqttClient client = connected(broker, "twice");
  client.send(connect_packet({.client_id = "twice"}));
  CHECK(client.expect_disconnect().reason_code == 0x82);
}

TEST_CASE("v5 retained messages carry their properties and are deleted by an empty payload [MQTT-3.3.1-6]",
          "[interop]") {
  Broker broker;
  MqttClient client = connected(broker, "retainer");
  for (uint8_t qos = 0; qos <= 2; ++qos) {
    Publish message{.topic = "keep/" + std::to_string(qos), .payload = "kept", .qos = qos, .retain = true};
    message.properties.add_user("qos", std::to_string(qos));
    client.publish(message);
  }
  client.subscribe({{"keep/+", 2}});
  for (int count = 0; count < 3; ++count) {
    const Publish message = client.receive();
    CHECK(message.retain);
    CHECK(message.properties.user_properties().at(0).second == message.topic.substr(5));
  }
  client.unsubscribe({"keep/+"});
  for (uint8_t qos = 0; qos <= 2; ++qos) client.publish("keep/" + std::to_string(qos), "", qos, true);
  client.subscribe({{"keep/+", 2}});
  CHECK(client.quiet());
}

TEST_CASE("v5 payload format, content type: carried through unaltered [MQTT-3.3.2-4] [MQTT-3.3.2-20]", "[interop]") {
  Broker broker;
  MqttClient client = connected(broker, "formats");
  client.subscribe({{"format", 2}});
  Publish message{.topic = "format", .payload = "{}", .qos = 1};
  message.properties.add(property::kPayloadFormatIndicator, 1).add(property::kContentType, "application/json");
  client.publish(message);
  const Publish back = client.receive();
  CHECK(back.properties.number(property::kPayloadFormatIndicator) == 1);
  CHECK(back.properties.text(property::kContentType) == "application/json");
}

TEST_CASE(
    "v5 request and response: response topic and correlation data reach the responder [MQTT-3.3.2-15] [MQTT-3.3.2-16]",
    "[interop]") {
  Broker broker;
  MqttClient asking = connected(broker, "asking");
  MqttClient answering = connected(broker, "answering");
  asking.subscribe({{"answers/asking", 1}});
  answering.subscribe({{"questions", 1}});
  Publish question{.topic = "questions", .payload = "what time is it", .qos = 1};
  question.properties.add(property::kResponseTopic, "answers/asking")
      .add(property::kCorrelationData, std::string_view("\0\1\xFF 334", 7));
  asking.publish(question);

  const Publish received = answering.receive();
  Publish answer{.topic = received.properties.text(property::kResponseTopic), .payload = "late", .qos = 1};
  answer.properties.add(property::kCorrelationData, received.properties.text(property::kCorrelationData));
  answering.publish(answer);
  const Publish back = asking.receive();
  CHECK(back.payload == "late");
  CHECK(back.properties.text(property::kCorrelationData) == std::string("\0\1\xFF 334", 7));
}

TEST_CASE("v5 publication expiry: the interval left is told, and nothing comes past it [MQTT-3.3.2-5] [MQTT-3.3.2-6]",
          "[interop]") {
  Broker broker;
  ConnectOptions options{.client_id = "sleeper", .clean_start = false};
  options.properties.add(property::kSessionExpiryInterval, 600);
  MqttClient sleeper = MqttClient::connected(broker.tcp_port(), options);
  sleeper.subscribe({{"expiry/#", 2}});
  sleeper.disconnect();

  MqttClient publisher = connected(broker, "publisher");
  const auto publish = [&](const std::string& name, uint8_t qos, uint32_t expiry_s) {
    Publish message{.topic = "expiry/" + name, .payload = name, .qos = qos};
    message.properties.add(property::kMessageExpiryInterval, expiry_s);
    publisher.publish(message);
  };
  publish("short 1", 1, 1);
  publish("long 1", 1, 100);
  publish("short 2", 2, 1);
  publish("long 2", 2, 100);
  CHECK(publisher.quiet(2500ms));

  MqttClient again = MqttClient::connected(broker.tcp_port(), options);
  CHECK(again.connack().session_present);
  for (const char* name : {"long 1", "long 2"}) {
    const Publish message = again.receive();
    CHECK(message.payload == name);
    const uint32_t left_s = message.properties.number(property::kMessageExpiryInterval);
    CHECK(left_s < 100);
    CHECK(left_s >= 90);
  }
  CHECK(again.quiet());
}

TEST_CASE("v5 publication expiry holds for retained messages too", "[interop]") {
  Broker broker;
  MqttClient client = connected(broker, "retainer");
  Publish message{.topic = "expiry/kept", .payload = "soon gone", .retain = true};
  message.properties.add(property::kMessageExpiryInterval, 1);
  client.publish(message);
  client.subscribe({{"expiry/kept", 0}});
  CHECK(client.receive().payload == "soon gone");
  CHECK(client.quiet(2200ms));
  MqttClient late = connected(broker, "late");
  late.subscribe({{"expiry/kept", 0}});
  CHECK(late.quiet());
}

TEST_CASE("v5 $ topics: wildcards at the front do not see them [MQTT-4.7.2-1]", "[interop]") {
  Broker broker;
  MqttClient client = connected(broker, "dollar");
  client.subscribe({{"#", 2}, {"+/name", 2}});
  client.publish("$TopicA/name", "hidden", 1);
  CHECK(client.quiet());
  client.publish("TopicA/name", "seen", 1);
  CHECK(client.receive().payload == "seen");
}

TEST_CASE("v5 no matching subscribers is told in the PUBACK", "[interop]") {
  Broker broker;
  MqttClient client = connected(broker, "lonely");
  CHECK(client.publish("nobody/here", "a", 1) == 0x10);
  CHECK(client.publish("nobody/here", "a", 2) == 0x10);
  client.subscribe({{"nobody/here", 0}});
  CHECK(client.publish("nobody/here", "a", 1) == 0);
}

TEST_CASE(
    "v5 maximum packet size of the client: larger messages do not reach it, and count as sent [MQTT-3.1.2-24] "
    "[MQTT-3.1.2-25]",
    "[interop]") {
  Broker broker;
  ConnectOptions small{.client_id = "small"};
  small.properties.add(property::kMaximumPacketSize, 64);
  MqttClient client = MqttClient::connected(broker.tcp_port(), small);
  client.subscribe({{"size", 2}});
  MqttClient publisher = connected(broker, "publisher");
  publisher.publish("size", std::string(200, 'x'), 1);
  publisher.publish("size", "fits", 1);
  publisher.publish("size", std::string(200, 'x'), 2);
  publisher.publish("size", "fits too", 2);
  CHECK(client.receive_payloads(2) == std::vector<std::string>{"fits", "fits too"});
  CHECK(client.quiet());
}

TEST_CASE(
    "v5 maximum packet size of the broker: told in CONNACK, and a larger packet is refused with 0x95 [MQTT-3.2.2-15]",
    "[interop]") {
  Broker broker({"mqtt.max_packet_size=2048", "mqtt.max_connect_packet_size=1024"});
  MqttClient client = connected(broker, "large");
  CHECK(client.connack().properties.number(property::kMaximumPacketSize) == 2048);
  client.send(publish_packet(5, {.topic = "size", .payload = std::string(4096, 'x')}));
  CHECK(client.expect_disconnect().reason_code == 0x95);
}

TEST_CASE("v5 limits that the broker has are told in CONNACK, and kept [MQTT-3.2.2-9] [MQTT-3.2.2-10] [MQTT-3.8.4-7]",
          "[interop]") {
  Broker broker({"mqtt.max_qos_allowed=1", "mqtt.retain_available=false", "mqtt.wildcard_subscription=false",
                 "mqtt.shared_subscription=false"});
  MqttClient client = connected(broker, "limited");
  const Properties& told = client.connack().properties;
  CHECK(told.number(property::kMaximumQos) == 1);
  CHECK(told.number(property::kRetainAvailable) == 0);
  CHECK(told.number(property::kWildcardSubscriptionAvailable) == 0);
  CHECK(told.number(property::kSharedSubscriptionAvailable) == 0);
  CHECK(client.subscribe({{"a/#", 0}, {"$share/g/a", 0}, {"a", 2}}).reason_codes ==
        std::vector<uint8_t>{0xA2, 0x9E, 1});
  // [MQTT-3.2.2-11] a QoS above the maximum, [MQTT-3.2.2-14] a retained message where none is kept
  client.send(publish_packet(5, {.topic = "a", .qos = 2, .packet_id = 9}));
  CHECK(client.expect_disconnect().reason_code == 0x9B);
  MqttClient retaining = connected(broker, "retaining");
  retaining.send(publish_packet(5, {.topic = "a", .retain = true}));
  CHECK(retaining.expect_disconnect().reason_code == 0x9A);
  // A will is bound by the same limits [MQTT-3.2.2-12] [MQTT-3.2.2-13].
  MqttClient will_qos(broker.tcp_port(), {.client_id = "will", .will = Will{.topic = "w", .payload = "", .qos = 2}});
  CHECK(will_qos.connect().reason_code == 0x9B);
  MqttClient will_kept(broker.tcp_port(),
                       {.client_id = "will", .will = Will{.topic = "w", .payload = "", .retain = true}});
  CHECK(will_kept.connect().reason_code == 0x9A);
}

}  // namespace patchbay::wire

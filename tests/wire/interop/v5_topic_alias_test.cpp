// The scenarios of the Eclipse Paho interoperability tests for MQTT 5.0: topic aliases both ways.
#include <catch2/catch.hpp>

#include "wire/support/broker.h"
#include "wire/support/mqtt_client.h"

namespace patchbay::wire {
namespace {

Publish aliased(const std::string& topic, const std::string& payload, uint16_t alias, uint8_t qos = 1) {
  Publish message{.topic = topic, .payload = payload, .qos = qos};
  message.properties.add(property::kTopicAlias, alias);
  return message;
}

MqttClient connected(const Broker& broker, const std::string& client_id) {
  return MqttClient::connected(broker.tcp_port(), {.client_id = client_id});
}

}  // namespace

TEST_CASE(
    "v5 client topic alias: 0, or more than the broker allows, is refused with 0x94 [MQTT-3.2.2-17] [MQTT-3.3.2-8] "
    "[MQTT-3.3.2-9]",
    "[interop]") {
  Broker broker({"mqtt.max_topic_alias=4"});
  const uint16_t alias = GENERATE(uint16_t{0}, uint16_t{5});
  MqttClient client = connected(broker, "aliasing");
  CHECK(client.connack().properties.number(property::kTopicAliasMaximum) == 4);
  client.send(publish_packet(5, aliased("alias/a", "a", alias, 0)));
  CHECK(client.expect_disconnect().reason_code == 0x94);
}

TEST_CASE("v5 client topic alias: set, used, set anew; its own to each connection [MQTT-3.3.2-7] [MQTT-3.3.2-12]",
          "[interop]") {
  Broker broker;
  MqttClient subscriber = connected(broker, "subscriber");
  subscriber.subscribe({{"alias/#", 2}});
  ConnectOptions durable{.client_id = "aliasing", .clean_start = false};
  durable.properties.add(property::kSessionExpiryInterval, 600);
  MqttClient client = MqttClient::connected(broker.tcp_port(), durable);
  const auto arrives = [&](const std::string& topic, const std::string& payload) {
    const Publish message = subscriber.receive();
    CHECK(message.topic == topic);
    CHECK(message.payload == payload);
    // The alias is between that client and the broker only.
    CHECK_FALSE(message.properties.has(property::kTopicAlias));
  };
  client.publish(aliased("alias/a", "set", 1));
  arrives("alias/a", "set");
  client.publish(aliased("", "used", 1));
  arrives("alias/a", "used");
  client.publish(aliased("alias/b", "set anew", 1));
  arrives("alias/b", "set anew");
  client.publish(aliased("", "used anew", 1, 2));
  arrives("alias/b", "used anew");
  client.disconnect();

  MqttClient again = MqttClient::connected(broker.tcp_port(), durable);
  CHECK(again.connack().session_present);
  again.send(publish_packet(5, aliased("", "unknown now", 1, 0)));
  // Section 3.3.2.3.4 makes an unknown alias a protocol error.
  const uint8_t reason = again.expect_disconnect().reason_code;
  CHECK((reason == 0x82 || reason == 0x94));
}

TEST_CASE(
    "v5 server topic alias: used up to the client's maximum, each set before it is used [MQTT-3.1.2-26] "
    "[MQTT-3.3.2-11]",
    "[interop]") {
  Broker broker;
  ConnectOptions options{.client_id = "reader"};
  options.properties.add(property::kTopicAliasMaximum, 2);
  MqttClient client = MqttClient::connected(broker.tcp_port(), options);
  client.subscribe({{"alias/#", 1}});
  MqttClient publisher = connected(broker, "publisher");
  std::map<uint32_t, std::string> topics;
  size_t without_topic = 0;
  for (int round = 0; round < 3; ++round) {
    for (const std::string& topic : std::vector<std::string>{"alias/first", "alias/second", "alias/third"}) {
      publisher.publish(topic, topic, 1);
      const Publish message = client.receive();
      if (message.properties.has(property::kTopicAlias)) {
        const uint32_t alias = message.properties.number(property::kTopicAlias);
        CHECK((alias >= 1 && alias <= 2));
        if (message.topic.empty()) {
          ++without_topic;
          CHECK(topics.at(alias) == message.payload);
        } else {
          topics[alias] = message.topic;
          CHECK(message.topic == message.payload);
        }
      } else {
        CHECK(message.topic == message.payload);
      }
    }
  }
  CHECK(without_topic > 0);
}

TEST_CASE("v5 server topic alias: none where the client allows none [MQTT-3.1.2-27]", "[interop]") {
  Broker broker;
  MqttClient client = connected(broker, "reader");
  client.subscribe({{"alias/#", 1}});
  for (int round = 0; round < 3; ++round) {
    client.publish("alias/first", "a", 1);
    const Publish message = client.receive();
    CHECK(message.topic == "alias/first");
    CHECK_FALSE(message.properties.has(property::kTopicAlias));
  }
}

}  // namespace patchbay::wire

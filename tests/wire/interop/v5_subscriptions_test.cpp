// The scenarios of the Eclipse Paho interoperability tests for MQTT 5.0: subscriptions and their options.
#include <algorithm>
#include <catch2/catch.hpp>

#include "wire/support/broker.h"
#include "wire/support/mqtt_client.h"

namespace patchbay::wire {
namespace {

MqttClient connected(const Broker& broker, const std::string& client_id) {
  return MqttClient::connected(broker.tcp_port(), {.client_id = client_id});
}

Properties identifier(uint32_t number) {
  return Properties().add(property::kSubscriptionIdentifier, number);
}

std::vector<uint32_t> identifiers_of(const Publish& message) {
  std::vector<uint32_t> found = message.properties.numbers(property::kSubscriptionIdentifier);
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace

TEST_CASE("v5 no local: a client's own messages do not come back through that subscription [MQTT-3.8.3-3]",
          "[interop]") {
  Broker broker;
  MqttClient one = connected(broker, "one");
  MqttClient two = connected(broker, "two");
  one.subscribe({{"local/a", 2 | kNoLocal}});
  two.subscribe({{"local/a", 2}});
  one.publish("local/a", "own", 1);
  CHECK(two.receive().payload == "own");
  CHECK(one.quiet());
  two.publish("local/a", "of the other", 1);
  CHECK(one.receive().payload == "of the other");
}

TEST_CASE("v5 no local on a shared subscription is a protocol error [MQTT-3.8.3-4]", "[interop]") {
  Broker broker;
  MqttClient client = connected(broker, "shared");
  client.send(subscribe_packet(5, 1, {{"$share/group/a", kNoLocal}}));
  CHECK(client.expect_disconnect().reason_code == 0x82);
}

TEST_CASE("v5 retain as published: the flag is kept where asked for, cleared elsewhere [MQTT-3.3.1-12] [MQTT-3.3.1-13]",
          "[interop]") {
  Broker broker;
  MqttClient keeping = connected(broker, "keeping");
  MqttClient clearing = connected(broker, "clearing");
  keeping.subscribe({{"flag/a", 2 | kRetainAsPublished}});
  clearing.subscribe({{"flag/a", 2}});
  MqttClient publisher = connected(broker, "publisher");
  publisher.publish("flag/a", "retained", 1, true);
  publisher.publish("flag/a", "plain", 1, false);
  CHECK(keeping.receive().retain);
  CHECK_FALSE(keeping.receive().retain);
  CHECK_FALSE(clearing.receive().retain);
  CHECK_FALSE(clearing.receive().retain);
}

TEST_CASE(
    "v5 retain handling: always, for new subscriptions only, never [MQTT-3.3.1-9] [MQTT-3.3.1-10] [MQTT-3.3.1-11]",
    "[interop]") {
  Broker broker;
  MqttClient client = connected(broker, "handling");
  client.publish("handling/a", "kept", 1, true);

  client.subscribe({{"handling/a", 1}});
  CHECK(client.receive().retain);
  client.subscribe({{"handling/a", 1}});
  CHECK(client.receive().retain);
  client.unsubscribe({"handling/a"});

  client.subscribe({{"handling/a", 1 | kRetainOnlyNew}});
  CHECK(client.receive().retain);
  client.subscribe({{"handling/a", 1 | kRetainOnlyNew}});
  CHECK(client.quiet());
  client.unsubscribe({"handling/a"});

  client.subscribe({{"handling/a", 1 | kRetainNever}});
  CHECK(client.quiet());
}

TEST_CASE(
    "v5 subscription identifiers: those of every matching subscription come with the message [MQTT-3.3.4-3] "
    "[MQTT-3.3.4-4]",
    "[interop]") {
  Broker broker;
  MqttClient one = connected(broker, "one");
  MqttClient two = connected(broker, "two");
  one.subscribe({{"id/a", 2}}, identifier(456789));
  two.subscribe({{"id/a", 2}}, identifier(2));
  two.subscribe({{"id/#", 1}}, identifier(3));
  two.subscribe({{"+/a", 0}});
  MqttClient publisher = connected(broker, "publisher");
  publisher.publish("id/a", "sub identifier test", 1);
  CHECK(identifiers_of(one.receive()) == std::vector<uint32_t>{456789});
  const Publish message = two.receive();
  CHECK(identifiers_of(message) == std::vector<uint32_t>{2, 3});
  CHECK(message.qos == 1);
  CHECK(two.quiet());
  // Subscribing again without an identifier takes the old one away.
  one.subscribe({{"id/a", 2}});
  publisher.publish("id/a", "without", 0);
  CHECK(identifiers_of(one.receive()).empty());
}

TEST_CASE("v5 subscription identifiers come with retained messages too", "[interop]") {
  Broker broker;
  MqttClient client = connected(broker, "retained");
  client.publish("id/kept", "kept", 1, true);
  client.subscribe({{"id/+", 1}}, identifier(7));
  CHECK(identifiers_of(client.receive()) == std::vector<uint32_t>{7});
}

TEST_CASE("v5 overlapping subscriptions: one message with the highest QoS [MQTT-3.3.4-2] [MQTT-3.8.4-8]", "[interop]") {
  Broker broker;
  MqttClient client = connected(broker, "overlap");
  client.subscribe({{"TopicA/#", 2}, {"TopicA/+", 1}});
  client.publish("TopicA/C", "overlapping topic filters", 2);
  const Publish message = client.receive();
  CHECK(message.qos == 2);
  CHECK(client.quiet());
}

TEST_CASE("v5 shared subscriptions: one member of each group, beside everyone else", "[interop]") {
  Broker broker;
  MqttClient one = connected(broker, "one");
  MqttClient two = connected(broker, "two");
  one.subscribe({{"$share/first/jobs", 2}, {"jobs", 2}});
  two.subscribe({{"$share/first/jobs", 2}, {"$share/second/jobs", 2}});
  MqttClient publisher = connected(broker, "publisher");
  constexpr size_t kJobs = 8;
  for (size_t job = 0; job < kJobs; ++job) publisher.publish("jobs", std::to_string(job), 1);
  size_t received = 0;
  for (MqttClient* client : {&one, &two}) {
    for (; !client->quiet(); ++received) client->receive();
  }
  CHECK(received == 3 * kJobs);  // group "first", group "second", and the plain subscription
}

TEST_CASE("v5 shared subscriptions: who leaves gets nothing more, and the others get it all", "[interop]") {
  Broker broker;
  MqttClient staying = connected(broker, "staying");
  MqttClient leaving = connected(broker, "leaving");
  for (MqttClient* client : {&staying, &leaving}) client->subscribe({{"$share/group/work", 1}});
  CHECK(leaving.unsubscribe({"$share/group/work"}).reason_codes == std::vector<uint8_t>{0});
  MqttClient publisher = connected(broker, "publisher");
  for (int job = 0; job < 4; ++job) publisher.publish("work", std::to_string(job), 1);
  CHECK(staying.receive_payloads(4) == std::vector<std::string>{"0", "1", "2", "3"});
  CHECK(leaving.quiet());
}

TEST_CASE(
    "v5 unsubscribe: a reason code for each filter, also where there was no subscription [MQTT-3.10.4-1] "
    "[MQTT-3.10.4-4] "
    "[MQTT-3.10.4-5] [MQTT-3.11.3-1] [MQTT-3.11.3-2]",
    "[interop]") {
  Broker broker;
  MqttClient client = connected(broker, "leaver");
  client.subscribe({{"a", 2}, {"b", 2}, {"c", 2}});
  CHECK(client.unsubscribe({"a", "never", "c"}).reason_codes == std::vector<uint8_t>{0, 0x11, 0});
  for (const char* topic : {"a", "b", "c"}) client.publish(topic, topic, 1);
  CHECK(client.receive().payload == "b");
  CHECK(client.quiet());
}

TEST_CASE(
    "v5 subscribe failure: a reason code for each filter, and the rest holds [MQTT-3.8.4-1] [MQTT-3.8.4-2] "
    "[MQTT-3.8.4-5] "
    "[MQTT-3.8.4-6] [MQTT-3.9.3-1]",
    "[interop]") {
  Broker broker({"mqtt.max_topic_levels=3", "mqtt.max_subscriptions=3"});
  MqttClient client = connected(broker, "failing");
  CHECK(client.subscribe({{"a", 1}, {"1/2/3/4", 1}, {"b", 2}, {"c", 0}, {"d", 0}}).reason_codes ==
        std::vector<uint8_t>{1, 0x8F, 2, 0, 0x97});
  client.publish("b", "held", 1);
  CHECK(client.receive().payload == "held");
}

TEST_CASE(
    "v5 topic filters that are malformed: a protocol error or a reason code, never a subscription [MQTT-4.7.1-1] "
    "[MQTT-4.8.2-1]",
    "[interop]") {
  Broker broker;
  const std::string filter = GENERATE("a/#/b", "a#", "a+/b", "$share/group", "$share/gr+up/a", "$share//a");
  MqttClient client = connected(broker, "malformed");
  client.send(subscribe_packet(5, 1, {{filter, 0}}));
  // The reason code stands in a SUBACK, or in a DISCONNECT where the broker takes the packet for malformed.
  std::vector<uint8_t> reasons;
  try {
    reasons = read_acknowledgement(5, client.expect(packet_type::kSuback)).reason_codes;
  } catch (const std::runtime_error&) {
    reasons.push_back(client.expect_disconnect().reason_code);
  }
  REQUIRE(reasons.size() == 1);
  CHECK((reasons[0] == 0x81 || reasons[0] == 0x82 || reasons[0] == 0x8F));
}

}  // namespace patchbay::wire

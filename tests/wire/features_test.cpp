// What goes beyond the standard, switched on by configuration as an operator does.
#include <catch2/catch.hpp>

#include "wire/support/broker.h"
#include "wire/support/mqtt_client.h"

namespace patchbay::wire {
namespace {

MqttClient connected(const Broker& broker, const std::string& client_id) {
  return MqttClient::connected(broker.tcp_port(), {.client_id = client_id});
}

}  // namespace

TEST_CASE("features: $delayed messages come later, under their own topic") {
  Broker broker;
  MqttClient client = connected(broker, "client");
  client.subscribe({{"later/#", 1}});
  client.publish("$delayed/1/later/a", "patience", 1);
  client.publish("later/b", "at once", 1);
  CHECK(client.receive().payload == "at once");
  CHECK(client.quiet(500ms));
  const Publish message = client.receive();
  CHECK(message.topic == "later/a");
  CHECK(message.payload == "patience");
}

TEST_CASE("features: $queue is a shared subscription without a group's name") {
  Broker broker;
  MqttClient one = connected(broker, "one");
  MqttClient two = connected(broker, "two");
  for (MqttClient* member : {&one, &two}) member->subscribe({{"$queue/jobs", 1}});
  for (int job = 0; job < 6; ++job) one.publish("jobs", std::to_string(job), 1);
  size_t received = 0;
  for (MqttClient* member : {&one, &two}) {
    size_t own = 0;
    for (; !member->quiet(); ++own) member->receive();
    CHECK(own == 3);
    received += own;
  }
  CHECK(received == 6);
}

TEST_CASE("features: $exclusive lets one client in, until it leaves") {
  Broker broker({"mqtt.exclusive_subscription=true"});
  MqttClient owner = connected(broker, "owner");
  MqttClient other = connected(broker, "other");
  CHECK(owner.subscribe({{"$exclusive/door", 1}}).reason_codes == std::vector<uint8_t>{1});
  CHECK(other.subscribe({{"$exclusive/door", 1}}).reason_codes[0] >= 0x80);
  other.publish("door", "knock", 1);
  CHECK(owner.receive().payload == "knock");
  owner.unsubscribe({"$exclusive/door"});
  CHECK(other.subscribe({{"$exclusive/door", 1}}).reason_codes == std::vector<uint8_t>{1});
}

TEST_CASE("features: topics are rewritten for publishers and subscribers") {
  Broker broker({"topic_rewrite=[{action=\"all\", source_topic=\"old/#\", re=\"^old/(.+)$\", dest_topic=\"new/$1\"}]"});
  MqttClient client = connected(broker, "client");
  client.subscribe({{"new/a", 1}});
  client.publish("old/a", "rewritten", 1);
  CHECK(client.receive().topic == "new/a");
  client.subscribe({{"old/b", 1}});
  client.publish("new/b", "subscribed by its old name", 1);
  CHECK(client.receive().payload == "subscribed by its old name");
}

TEST_CASE("features: automatic subscriptions are there as soon as the client is") {
  Broker broker({"auto_subscribe=[{topic=\"inbox/${clientid}\", qos=1}]"});
  MqttClient client = connected(broker, "device-7");
  connected(broker, "server").publish("inbox/device-7", "hello", 1);
  const Publish message = client.receive();
  CHECK(message.payload == "hello");
  CHECK(message.qos == 1);
}

TEST_CASE("features: a sticky group stays with its member while that is there") {
  Broker broker({"mqtt.shared_subscription_strategy=\"sticky\""});
  MqttClient one = connected(broker, "one");
  MqttClient two = connected(broker, "two");
  for (MqttClient* member : {&one, &two}) member->subscribe({{"$share/group/work", 1}});
  MqttClient publisher = connected(broker, "publisher");
  for (int job = 0; job < 5; ++job) publisher.publish("work", std::to_string(job), 1);
  MqttClient& chosen = one.quiet() ? two : one;
  CHECK(chosen.receive_payloads(5).size() == 5);
  CHECK(one.quiet());
  CHECK(two.quiet());
}

TEST_CASE("features: messages of a higher priority leave the queue first") {
  Broker broker({"mqtt.mqueue_priorities=[{topic=\"alarm\", priority=10}]"});
  ConnectOptions options{.client_id = "sleeper", .clean_start = false};
  options.properties.add(property::kSessionExpiryInterval, 600);
  MqttClient sleeper = MqttClient::connected(broker.tcp_port(), options);
  sleeper.subscribe({{"#", 1}});
  sleeper.disconnect();
  MqttClient publisher = connected(broker, "publisher");
  for (const char* topic : {"usual", "alarm", "usual", "alarm"}) publisher.publish(topic, topic, 1);
  MqttClient again = MqttClient::connected(broker.tcp_port(), options);
  CHECK(again.receive_payloads(4) == std::vector<std::string>{"alarm", "alarm", "usual", "usual"});
}

}  // namespace patchbay::wire

// Clients land on either of two shards; nothing that they see tells which.
#include <catch2/catch.hpp>
#include <set>

#include "wire/support/broker.h"
#include "wire/support/mqtt_client.h"

namespace patchbay::wire {
namespace {

std::vector<MqttClient> many(const Broker& broker, const std::string& name, size_t count) {
  std::vector<MqttClient> clients;
  for (size_t number = 0; number < count; ++number) {
    clients.push_back(MqttClient::connected(broker.tcp_port(), {.client_id = name + std::to_string(number)}));
  }
  return clients;
}

/// Which of the two has something to read before the other.
bool first_is_readable(const TcpSocket& first, const TcpSocket& second) {
  for (const Deadline deadline(kPatience); !deadline.passed();) {
    if (first.readable(5ms)) return true;
    if (second.readable(5ms)) return false;
  }
  throw std::runtime_error("neither connection ended");
}

}  // namespace

TEST_CASE("shards: every subscriber gets every message, in the order of its publisher [MQTT-4.6.0-6]") {
  Broker broker({"node.shards=2"});
  constexpr size_t kSubscribers = 24;
  constexpr size_t kPublishers = 6;
  constexpr int kMessages = 30;
  std::vector<MqttClient> subscribers = many(broker, "subscriber", kSubscribers);
  for (MqttClient& each : subscribers) each.subscribe({{"across/+", 2}});
  std::vector<MqttClient> publishers = many(broker, "publisher", kPublishers);
  for (int number = 0; number < kMessages; ++number) {
    for (size_t index = 0; index < kPublishers; ++index) {
      publishers[index].publish("across/" + std::to_string(index), std::to_string(number), 1 + number % 2);
    }
  }
  for (MqttClient& each : subscribers) {
    std::vector<int> next(kPublishers, 0);
    for (size_t count = 0; count < kPublishers * kMessages; ++count) {
      const Publish message = each.receive();
      int& expected = next.at(std::stoul(message.topic.substr(7)));
      CHECK(message.payload == std::to_string(expected++));
    }
    CHECK(each.quiet(10ms));
  }
}

TEST_CASE("shards: each client gets its own messages and no other's") {
  Broker broker({"node.shards=2"});
  constexpr size_t kClients = 60;
  std::vector<MqttClient> clients = many(broker, "client", kClients);
  for (size_t number = 0; number < kClients; ++number) {
    clients[number].subscribe({{"inbox/" + std::to_string(number), 1}});
  }
  for (size_t number = 0; number < kClients; ++number) {
    const size_t receiver = (number * 7 + 3) % kClients;
    clients[number].publish("inbox/" + std::to_string(receiver), std::to_string(receiver), 1);
  }
  for (size_t number = 0; number < kClients; ++number) {
    CHECK(clients[number].receive().payload == std::to_string(number));
  }
  for (MqttClient& each : clients) CHECK(each.quiet(5ms));
}

TEST_CASE("shards: a session goes with its client from connection to connection, whichever shard accepts it") {
  Broker broker({"node.shards=2"});
  ConnectOptions options{.client_id = "wanderer", .clean_start = false};
  options.properties.add(property::kSessionExpiryInterval, 600);
  MqttClient::connected(broker.tcp_port(), options).subscribe({{"road", 1}});
  MqttClient publisher = MqttClient::connected(broker.tcp_port(), {.client_id = "publisher"});
  for (int number = 0; number < 40; ++number) {
    publisher.publish("road", std::to_string(number), 1);
    MqttClient wanderer = MqttClient::connected(broker.tcp_port(), options);
    CHECK(wanderer.connack().session_present);
    CHECK(wanderer.receive().payload == std::to_string(number));
    // Ends so that the broker has the acknowledgement: it is in order before the DISCONNECT.
    wanderer.disconnect();
  }
}

TEST_CASE("shards: two connections of one client never live at once, however they race") {
  Broker broker({"node.shards=2"});
  for (int round = 0; round < 20; ++round) {
    MqttClient one(broker.tcp_port(), {.client_id = "racer"});
    MqttClient two(broker.tcp_port(), {.client_id = "racer"});
    one.send(connect_packet({.client_id = "racer"}));
    two.send(connect_packet({.client_id = "racer"}));
    CHECK(read_connack(5, one.expect(packet_type::kConnack)).reason_code == 0);
    CHECK(read_connack(5, two.expect(packet_type::kConnack)).reason_code == 0);
    // Exactly one of them is told that it was taken over.
    const bool first_ended = first_is_readable(one.socket(), two.socket());
    MqttClient& ended = first_ended ? one : two;
    MqttClient& living = first_ended ? two : one;
    CHECK(ended.expect_disconnect().reason_code == 0x8E);
    living.ping();
    living.disconnect();
  }
}

TEST_CASE("shards: retained messages and shared groups are those of the whole node") {
  Broker broker({"node.shards=2"});
  std::vector<MqttClient> clients = many(broker, "client", 12);
  for (size_t number = 0; number < clients.size(); ++number) {
    clients[number].publish("kept/" + std::to_string(number), std::to_string(number), 1, true);
  }
  for (MqttClient& each : clients) {
    each.subscribe({{"kept/#", 1}});
    std::set<std::string> seen;
    for (size_t count = 0; count < clients.size(); ++count) seen.insert(each.receive().payload);
    CHECK(seen.size() == clients.size());
    each.unsubscribe({"kept/#"});
    each.subscribe({{"$share/group/work", 1}});
  }
  MqttClient publisher = MqttClient::connected(broker.tcp_port(), {.client_id = "publisher"});
  const size_t jobs = 2 * clients.size();
  for (size_t job = 0; job < jobs; ++job) publisher.publish("work", std::to_string(job), 1);
  std::set<std::string> done;
  size_t received = 0;
  for (MqttClient& each : clients) {
    for (; !each.quiet(50ms); ++received) done.insert(each.receive().payload);
  }
  CHECK(received == jobs);
  CHECK(done.size() == jobs);
}

}  // namespace patchbay::wire

#include "session/outbound_queue.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

using namespace patchbay;
using mqtt::Qos;
using namespace patchbay::session;

namespace {

OutboundMessage message(std::string_view topic, size_t payload = 0, Qos qos = Qos::at_least_once) {
  static const std::vector<uint8_t> bytes(10'000, 'x');
  mqtt::MessageFields fields;
  fields.topic = topic;
  fields.payload = std::span(bytes).first(payload);
  OutboundMessage outbound;
  outbound.message = mqtt::Message::create(fields);
  outbound.qos = qos;
  return outbound;
}

std::vector<std::string> drain(OutboundQueue& queue) {
  std::vector<std::string> topics;
  while (auto outbound = queue.pop()) topics.emplace_back(outbound->message->topic());
  return topics;
}

}  // namespace

TEST_CASE("queue: keeps order and counts messages and bytes [MQTT-4.6.0-6]") {
  OutboundQueue queue;
  const SessionLimits limits;
  CHECK_FALSE(queue.pop().has_value());
  size_t bytes = 0;
  for (const char* topic : {"a", "b", "c"}) {
    OutboundMessage outbound = message(topic, 100);
    bytes += outbound.message->memory_size();
    CHECK(queue.push(std::move(outbound), limits).messages.empty());
  }
  CHECK(queue.size() == 3);
  CHECK(queue.bytes() == bytes);
  CHECK(queue.front_qos() == Qos::at_least_once);
  CHECK(drain(queue) == std::vector<std::string>{"a", "b", "c"});
  CHECK(queue.bytes() == 0);
  CHECK(queue.empty());
}

TEST_CASE("queue: when it is full, the oldest or the newest message goes") {
  OutboundQueue queue;
  SessionLimits limits;
  limits.maximum_queued_messages = 2;
  for (const char* topic : {"a", "b"}) CHECK(queue.push(message(topic), limits).messages.empty());
  auto dropped = queue.push(message("c"), limits);
  REQUIRE(dropped.messages.size() == 1);
  CHECK(dropped.messages[0].message->topic() == "a");
  CHECK(dropped.bytes == dropped.messages[0].message->memory_size());
  limits.queue_drop_policy = QueueDropPolicy::newest;
  dropped = queue.push(message("d"), limits);
  REQUIRE(dropped.messages.size() == 1);
  CHECK(dropped.messages[0].message->topic() == "d");
  CHECK(drain(queue) == std::vector<std::string>{"b", "c"});
}

TEST_CASE("queue: bytes are bounded too, and a message larger than the bound is refused itself") {
  OutboundQueue queue;
  SessionLimits limits;
  limits.maximum_queued_bytes = 3 * message("a", 1000).message->memory_size();
  for (const char* topic : {"a", "b", "c"}) CHECK(queue.push(message(topic, 1000), limits).messages.empty());
  CHECK(queue.push(message("d", 1500), limits).messages.size() == 2);
  CHECK(queue.bytes() <= limits.maximum_queued_bytes);
  const auto dropped = queue.push(message("e", 9000), limits);
  REQUIRE(dropped.messages.size() == 1);
  CHECK(dropped.messages[0].message->topic() == "e");
  CHECK(drain(queue) == std::vector<std::string>{"c", "d"});
}

TEST_CASE("queue: higher priorities leave first and stay longest") {
  OutboundQueue queue;
  SessionLimits limits;
  limits.maximum_queued_messages = 4;
  limits.topic_priorities = {{"high", 9}, {"low", 1}};
  for (const char* topic : {"low", "other", "high", "low"}) {
    CHECK(queue.push(message(topic), limits).messages.empty());
  }
  const auto dropped = queue.push(message("high"), limits);
  REQUIRE(dropped.messages.size() == 1);
  CHECK(dropped.messages[0].message->topic() == "other");  // priority 0 gives way first
  CHECK(drain(queue) == std::vector<std::string>{"high", "high", "low", "low"});
  limits.default_priority_highest = true;
  for (const char* topic : {"low", "high", "other"}) CHECK(queue.push(message(topic), limits).messages.empty());
  CHECK(drain(queue) == std::vector<std::string>{"other", "high", "low"});
}

TEST_CASE("queue: QoS of the message at the front, across priorities") {
  OutboundQueue queue;
  SessionLimits limits;
  limits.topic_priorities = {{"high", 9}};
  CHECK(queue.push(message("a", 0, Qos::at_most_once), limits).messages.empty());
  CHECK(queue.front_qos() == Qos::at_most_once);
  CHECK(queue.push(message("high", 0, Qos::exactly_once), limits).messages.empty());
  CHECK(queue.front_qos() == Qos::exactly_once);
}

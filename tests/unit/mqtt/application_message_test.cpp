#include "mqtt/application_message.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <string>
#include <thread>
#include <vector>

#include "base/byte_reader.h"
#include "mqtt/codec/decoder.h"
#include "mqtt/codec/property_codec.h"

namespace patchbay::mqtt {
namespace {

MessageFields fields_of(std::string_view topic, std::string_view payload) {
  MessageFields fields;
  fields.topic = topic;
  fields.payload = base::as_bytes(payload);
  return fields;
}

std::vector<uint8_t> bytes_of(std::span<const uint8_t> span) {
  return {span.begin(), span.end()};
}

}  // namespace

TEST_CASE("message: everything is copied into the block") {
  std::string topic = "a/b";
  std::string payload = "payload";
  std::string client_id = "client";
  std::vector<uint8_t> block;
  append_user_property(block, "k", "v");
  MessageFields fields = fields_of(topic, payload);
  fields.publisher_client_id = client_id;
  fields.properties = {block, static_cast<uint32_t>(block.size())};
  fields.qos = Qos::exactly_once;
  fields.retain = true;
  fields.flags = MessageFlags::will | MessageFlags::from_bridge;
  fields.message_expiry_interval_s = 10;
  fields.received_at_ms = 1'000;
  fields.received_at_unix_ms = 1'700'000'000'000;
  fields.publisher_handle = 0xFFFF'FFFF'FFFFull;
  const std::vector<uint8_t> block_before = block;
  const MessageRef message = Message::create(fields);
  topic = client_id = payload = "overwritten";
  block.assign(block.size(), 0xEE);

  CHECK(message->topic() == "a/b");
  CHECK(base::as_text(message->payload()) == "payload");
  CHECK(message->publisher_client_id() == "client");
  CHECK(bytes_of(message->forwardable_properties()) == block_before);
  CHECK(message->qos() == Qos::exactly_once);
  CHECK(message->retain());
  CHECK(message->has_flag(MessageFlags::will));
  CHECK(message->has_flag(MessageFlags::from_bridge));
  CHECK_FALSE(message->has_flag(MessageFlags::system));
  CHECK(message->message_expiry_interval_s() == 10u);
  CHECK(message->received_at_ms() == 1'000);
  CHECK(message->received_at_unix_ms() == 1'700'000'000'000);
  CHECK(message->publisher_handle() == 0xFFFF'FFFF'FFFFull);
  CHECK(message->memory_size() == sizeof(Message) + 3 + 6 + 7 + 7);
}

TEST_CASE("message: an empty message holds nothing and expires never") {
  const MessageRef message = Message::create({});
  CHECK(message->topic().empty());
  CHECK(message->payload().empty());
  CHECK(message->forwardable_properties().empty());
  CHECK(message->publisher_client_id().empty());
  CHECK_FALSE(message->message_expiry_interval_s().has_value());
  CHECK_FALSE(message->is_expired(INT64_MAX));
}

TEST_CASE("message: only forwardable properties are kept, in their order [MQTT-3.3.2-17] [MQTT-3.3.2-18]") {
  std::vector<uint8_t> block;
  std::vector<uint8_t> forwardable;
  append_property(block, PropertyId::topic_alias, 5u);
  for (std::vector<uint8_t>* list : {&block, &forwardable}) append_user_property(*list, "z", "1");
  append_property(block, PropertyId::message_expiry_interval, 60u);
  for (std::vector<uint8_t>* list : {&block, &forwardable}) {
    append_property(*list, PropertyId::payload_format_indicator, 1u);                  // [MQTT-3.3.2-4]
    append_property(*list, PropertyId::correlation_data, std::string_view("\0x", 2));  // [MQTT-3.3.2-16]
    append_property(*list, PropertyId::response_topic, std::string_view("reply"));     // [MQTT-3.3.2-15]
    append_property(*list, PropertyId::content_type, std::string_view("type"));        // [MQTT-3.3.2-20]
    append_user_property(*list, "a", "2");
  }
  std::vector<uint8_t> body = {0, 1, 't', static_cast<uint8_t>(block.size())};
  body.insert(body.end(), block.begin(), block.end());
  const Decoded<Publish> packet = decode_publish(0x30, body, ProtocolVersion::v5);
  REQUIRE(packet.has_value());
  MessageFields fields = fields_of(packet->topic, "");
  fields.properties = packet->properties.forwardable();
  CHECK(bytes_of(Message::create(fields)->forwardable_properties()) == forwardable);
}

TEST_CASE("message: a change makes a new message and leaves the old one as it was") {
  std::vector<uint8_t> block;
  append_user_property(block, "k", "v");
  MessageFields fields = fields_of("old/topic", "same");
  fields.properties = {block, static_cast<uint32_t>(block.size())};
  fields.message_expiry_interval_s = 5;
  const MessageRef before = Message::create(fields);
  MessageFields changed = before->fields();
  changed.topic = "new/topic";
  changed.retain = true;
  const MessageRef after = Message::create(changed);
  CHECK(before->topic() == "old/topic");
  CHECK_FALSE(before->retain());
  CHECK(after->topic() == "new/topic");
  CHECK(after->retain());
  CHECK(base::as_text(after->payload()) == "same");
  CHECK(bytes_of(after->forwardable_properties()) == block);
  CHECK(after->message_expiry_interval_s() == 5u);
}

TEST_CASE("message: the expiry interval shrinks by the time waited and never reaches 0 alive [MQTT-3.3.2-6]") {
  MessageFields fields = fields_of("t", "");
  fields.message_expiry_interval_s = 10;
  fields.received_at_ms = 5'000;
  const MessageRef message = Message::create(fields);
  CHECK(message->remaining_expiry_interval_s(5'000) == 10);
  CHECK(message->remaining_expiry_interval_s(4'000) == 10);
  CHECK(message->remaining_expiry_interval_s(5'001) == 10);
  CHECK(message->remaining_expiry_interval_s(6'000) == 9);
  CHECK(message->remaining_expiry_interval_s(14'999) == 1);
  CHECK_FALSE(message->is_expired(14'999));
  CHECK(message->is_expired(15'000));
  CHECK(message->remaining_expiry_interval_s(15'000) == 0);
  CHECK(message->remaining_expiry_interval_s(99'000) == 0);
}

TEST_CASE("message: an interval of 0 has expired at once, the largest one does not overflow") {
  MessageFields fields = fields_of("t", "");
  fields.message_expiry_interval_s = 0;
  CHECK(Message::create(fields)->is_expired(0));
  fields.message_expiry_interval_s = 0xFFFFFFFF;
  CHECK_FALSE(Message::create(fields)->is_expired(4'000'000'000'000));
  CHECK(Message::create(fields)->remaining_expiry_interval_s(0) == 0xFFFFFFFF);
}

TEST_CASE("message ref: copies count, moves do not") {
  MessageRef first = Message::create(fields_of("t", "x"));
  CHECK(first.rc_unique());
  MessageRef second = first;
  CHECK(first.use_count() == 2);
  CHECK_FALSE(first.rc_unique());
  CHECK(first == second);
  MessageRef third = std::move(second);
  CHECK_FALSE(static_cast<bool>(second));
  CHECK(first.use_count() == 2);
  third.reset();
  CHECK(first.rc_unique());
  const Message* const address = first.get();
  first = MessageRef(first);
  CHECK(first.get() == address);
  CHECK(first.use_count() == 1);
  first = MessageRef();
  CHECK(first.use_count() == 0);
}

TEST_CASE("message ref: shares can be added at once and taken over one by one") {
  const MessageRef owner = Message::create(fields_of("t", "x"));
  owner.add_shares(3);
  CHECK(owner.use_count() == 4);
  std::vector<MessageRef> receivers;
  for (int receiver = 0; receiver < 3; ++receiver) receivers.push_back(MessageRef::adopt(owner.get()));
  CHECK(owner.use_count() == 4);
  const Message* detached = receivers.back().detach();
  receivers.clear();
  CHECK(owner.use_count() == 2);
  CHECK(MessageRef::adopt(detached)->topic() == "t");
  CHECK(owner.rc_unique());
}

TEST_CASE("message ref: many threads may hold and drop shares of one message") {
  const MessageRef message = Message::create(fields_of("shared", "payload"));
  std::atomic<bool> all_equal{true};
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([copy = message, &all_equal] {
      for (int turn = 0; turn < 10'000; ++turn) {
        const MessageRef other = copy;
        if (other->topic() != "shared") all_equal = false;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  threads.clear();
  CHECK(all_equal);
  CHECK(message.rc_unique());
}

}  // namespace patchbay::mqtt

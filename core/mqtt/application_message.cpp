#include "mqtt/application_message.h"

#include <cstring>
#include <new>

#include "base/assert.h"

namespace patchbay::mqtt {
namespace {

uint8_t* append(uint8_t* at, const void* bytes, size_t size) {
  if (size != 0) std::memcpy(at, bytes, size);
  return at + size;
}

}  // namespace

MessageRef Message::create(const MessageFields& fields) {
  PATCHBAY_ASSERT(fields.topic.size() <= 0xFFFF && fields.publisher_client_id.size() <= 0xFFFF);
  PATCHBAY_ASSERT(fields.payload.size() <= 0xFFFFFFFF);
  const size_t trailing =
      fields.topic.size() + fields.publisher_client_id.size() + fields.properties.size + fields.payload.size();
  auto* message = new (::operator new(sizeof(Message) + trailing)) Message;
  message->payload_size_ = static_cast<uint32_t>(fields.payload.size());
  message->properties_size_ = fields.properties.size;
  message->topic_size_ = static_cast<uint16_t>(fields.topic.size());
  message->client_id_size_ = static_cast<uint16_t>(fields.publisher_client_id.size());
  message->expiry_interval_s_ = fields.message_expiry_interval_s.value_or(0);
  message->has_expiry_ = fields.message_expiry_interval_s.has_value();
  message->flags_ = fields.flags;
  message->qos_ = fields.qos;
  message->retain_ = fields.retain;
  message->received_at_ms_ = fields.received_at_ms;
  message->received_at_unix_ms_ = fields.received_at_unix_ms;
  message->publisher_handle_ = fields.publisher_handle;

  auto* at = reinterpret_cast<uint8_t*>(message + 1);
  at = append(at, fields.topic.data(), fields.topic.size());
  at = append(at, fields.publisher_client_id.data(), fields.publisher_client_id.size());
  if (fields.properties.size != 0) copy_forwardable_properties(fields.properties, {at, fields.properties.size});
  append(at + fields.properties.size, fields.payload.data(), fields.payload.size());
  return MessageRef(message);
}

uint32_t Message::remaining_expiry_interval_s(int64_t now_ms) const {
  // [MQTT-3.3.2-6] the interval minus the time that the message has waited. Started seconds count as whole ones, so
  // that a message that is still alive never leaves with 0, which would mean that it has expired.
  const int64_t left_ms = expires_at_ms() - now_ms;
  if (left_ms <= 0) return 0;
  const int64_t left_s = (left_ms + 999) / 1000;
  return left_s > expiry_interval_s_ ? expiry_interval_s_ : static_cast<uint32_t>(left_s);
}

MessageFields Message::fields() const {
  MessageFields fields;
  fields.topic = topic();
  fields.publisher_client_id = publisher_client_id();
  fields.payload = payload();
  fields.properties = {forwardable_properties(), properties_size_};
  fields.qos = qos_;
  fields.retain = retain_;
  fields.flags = flags_;
  fields.message_expiry_interval_s = message_expiry_interval_s();
  fields.received_at_ms = received_at_ms_;
  fields.received_at_unix_ms = received_at_unix_ms_;
  fields.publisher_handle = publisher_handle_;
  return fields;
}

size_t Message::memory_size() const {
  return sizeof(Message) + topic_size_ + client_id_size_ + properties_size_ + payload_size_;
}

void Message::destroy(const Message* message) {
  const size_t size = message->memory_size();  // which spares the allocator the search for it
  message->~Message();
  ::operator delete(const_cast<Message*>(message), size);
}

}  // namespace patchbay::mqtt

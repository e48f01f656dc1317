#include "session/packet_event.h"

#include "mqtt/codec/variable_byte_integer.h"
#include "mqtt/packet_type.h"

namespace patchbay::session {

namespace {

using mqtt::PacketType;

uint16_t number_at(std::span<const uint8_t> bytes, size_t at) {
  return at + 2 > bytes.size() ? uint16_t{0} : static_cast<uint16_t>(bytes[at] << 8 | bytes[at + 1]);
}

bool begins_with_packet_id(PacketType type) {
  switch (type) {
    case PacketType::puback:
    case PacketType::pubrec:
    case PacketType::pubrel:
    case PacketType::pubcomp:
    case PacketType::subscribe:
    case PacketType::suback:
    case PacketType::unsubscribe:
    case PacketType::unsuback:
      return true;
    default:
      return false;
  }
}

}  // namespace

hooks::PacketEvent packet_event_of(std::span<const uint8_t> bytes, size_t size) {
  hooks::PacketEvent event;
  event.raw = bytes;
  event.packet_size = size;
  if (bytes.empty()) return event;
  const PacketType type = mqtt::packet_type_of(bytes[0]);
  event.packet_type = static_cast<uint8_t>(type);
  event.flags = bytes[0] & 0x0F;
  const mqtt::VariableByteInteger length = mqtt::read_variable_byte_integer(bytes.subspan(1));
  if (length.size == mqtt::VariableByteInteger::malformed || length.size == mqtt::VariableByteInteger::cut_off) {
    return event;
  }
  const std::span<const uint8_t> body = bytes.subspan(size_t{1} + length.size);
  if (begins_with_packet_id(type)) event.packet_id = number_at(body, 0);
  if (type != PacketType::publish) return event;
  const size_t topic_size = number_at(body, 0);
  if (2 + topic_size > body.size()) return event;
  event.topic = {reinterpret_cast<const char*>(body.data()) + 2, topic_size};
  const bool has_packet_id = (event.flags & 0x06) != 0;
  if (has_packet_id) event.packet_id = number_at(body, 2 + topic_size);
  return event;
}

}  // namespace patchbay::session

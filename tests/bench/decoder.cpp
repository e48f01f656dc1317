#include "bench/decoder.h"

#include <optional>

namespace patchbay::bench {
namespace {

constexpr std::size_t kMaximumLengthDigits = 4;
constexpr std::uint8_t kReceiveMaximum = 0x21;
constexpr std::uint8_t kMaximumQos = 0x24;

std::uint16_t read_u16(const std::uint8_t* at) {
  return static_cast<std::uint16_t>((at[0] << 8) | at[1]);
}

// The bytes that a variable byte integer takes, and its value; nothing if it is cut short or too long.
struct VariableInteger {
  std::size_t value = 0;
  std::size_t size = 0;
};

std::optional<VariableInteger> read_variable_integer(Bytes input) {
  VariableInteger result;
  for (std::size_t i = 0; i < kMaximumLengthDigits && i < input.size(); ++i) {
    result.value |= static_cast<std::size_t>(input[i] & 0x7F) << (7 * i);
    if ((input[i] & 0x80) == 0) {
      result.size = i + 1;
      return result;
    }
  }
  return std::nullopt;
}

std::optional<std::size_t> text_size(Bytes input) {
  if (input.size() < 2) return std::nullopt;
  return 2 + std::size_t{read_u16(input.data())};
}

// How many bytes the value of a property takes. Identifiers as in MQTT 5.0, 2.2.2.2.
std::optional<std::size_t> property_value_size(std::uint8_t identifier, Bytes value) {
  switch (identifier) {
    case 0x01:
    case 0x17:
    case 0x19:
    case 0x24:
    case 0x25:
    case 0x28:
    case 0x29:
    case 0x2A:
      return 1;
    case 0x13:
    case 0x21:
    case 0x22:
    case 0x23:
      return 2;
    case 0x02:
    case 0x11:
    case 0x18:
    case 0x27:
      return 4;
    case 0x0B: {
      auto number = read_variable_integer(value);
      return number ? std::optional(number->size) : std::nullopt;
    }
    case 0x03:
    case 0x08:
    case 0x09:
    case 0x12:
    case 0x15:
    case 0x16:
    case 0x1A:
    case 0x1C:
    case 0x1F:
      return text_size(value);
    case 0x26: {
      auto name = text_size(value);
      if (!name || *name > value.size()) return std::nullopt;
      auto text = text_size(value.subspan(*name));
      return text ? std::optional(*name + *text) : std::nullopt;
    }
    default:
      return std::nullopt;
  }
}

bool skip_properties(Bytes& body) {
  auto length = read_variable_integer(body);
  if (!length || length->size + length->value > body.size()) return false;
  body = body.subspan(length->size + length->value);
  return true;
}

bool read_connack_properties(Bytes properties, ConnackFields& connack) {
  while (!properties.empty()) {
    std::uint8_t identifier = properties[0];
    properties = properties.subspan(1);
    auto size = property_value_size(identifier, properties);
    if (!size || *size > properties.size()) return false;
    if (identifier == kReceiveMaximum) connack.receive_maximum = read_u16(properties.data());
    if (identifier == kMaximumQos) connack.maximum_qos = properties[0];
    properties = properties.subspan(*size);
  }
  return connack.receive_maximum > 0;
}

}  // namespace

FrameStatus next_frame(Bytes input, Frame& frame) {
  if (input.size() < 2) return FrameStatus::incomplete;
  auto length = read_variable_integer(input.subspan(1));
  if (!length) return input.size() > kMaximumLengthDigits ? FrameStatus::malformed : FrameStatus::incomplete;
  frame.type = static_cast<PacketType>(input[0] >> 4);
  frame.flags = input[0] & 0x0F;
  frame.size = 1 + length->size + length->value;
  if (frame.type < PacketType::connect) return FrameStatus::malformed;
  if (frame.size > input.size()) return FrameStatus::incomplete;
  frame.body = input.subspan(1 + length->size, length->value);
  return FrameStatus::complete;
}

bool decode_publish(ProtocolVersion version, const Frame& frame, PublishView& publish) {
  publish.qos = (frame.flags >> 1) & 0x03;
  publish.duplicate = (frame.flags & 0x08) != 0;
  publish.retain = (frame.flags & 0x01) != 0;
  auto topic = text_size(frame.body);
  if (publish.qos > 2 || !topic || *topic > frame.body.size()) return false;
  publish.topic = {reinterpret_cast<const char*>(frame.body.data()) + 2, *topic - 2};
  Bytes rest = frame.body.subspan(*topic);
  publish.packet_id = 0;
  if (publish.qos > 0) {
    if (rest.size() < 2) return false;
    publish.packet_id = read_u16(rest.data());
    if (publish.packet_id == 0) return false;
    rest = rest.subspan(2);
  }
  if (version == ProtocolVersion::v5 && !skip_properties(rest)) return false;
  publish.payload = rest;
  return true;
}

bool decode_connack(ProtocolVersion version, const Frame& frame, ConnackFields& connack) {
  if (frame.body.size() < 2) return false;
  connack.session_present = (frame.body[0] & 1) != 0;
  connack.reason = frame.body[1];
  Bytes rest = frame.body.subspan(2);
  if (version != ProtocolVersion::v5) return rest.empty();
  // A broker that does not speak version 5 refuses in the form of 3.1.1, which has no properties.
  if (rest.empty()) return connack.reason != 0;
  auto length = read_variable_integer(rest);
  if (!length || length->size + length->value != rest.size()) return false;
  return read_connack_properties(rest.subspan(length->size), connack);
}

bool decode_ack(const Frame& frame, AckFields& ack) {
  if (frame.body.size() < 2) return false;
  ack.packet_id = read_u16(frame.body.data());
  ack.reason = frame.body.size() > 2 ? frame.body[2] : 0;
  return ack.packet_id != 0;
}

bool decode_suback(ProtocolVersion version, const Frame& frame, SubackFields& suback) {
  if (frame.body.size() < 3) return false;
  suback.packet_id = read_u16(frame.body.data());
  Bytes rest = frame.body.subspan(2);
  if (version == ProtocolVersion::v5 && !skip_properties(rest)) return false;
  suback.accepted = 0;
  suback.refused = 0;
  for (std::uint8_t reason : rest) ++(reason >= kFirstErrorReason ? suback.refused : suback.accepted);
  return !rest.empty();
}

std::uint8_t decode_disconnect_reason(const Frame& frame) {
  return frame.body.empty() ? 0 : frame.body[0];
}

}  // namespace patchbay::bench

#pragma once

#include <cstdint>

namespace patchbay::mqtt {

/// The upper half of a packet's first byte. 0 is forbidden; 15 exists since MQTT 5.0.
enum class PacketType : uint8_t {
  connect = 1,
  connack = 2,
  publish = 3,
  puback = 4,
  pubrec = 5,
  pubrel = 6,
  pubcomp = 7,
  subscribe = 8,
  suback = 9,
  unsubscribe = 10,
  unsuback = 11,
  pingreq = 12,
  pingresp = 13,
  disconnect = 14,
  auth = 15,
};

/// The type bits of a packet's first byte; the result may be 0, which is no packet type.
constexpr PacketType packet_type_of(uint8_t first_byte) {
  return static_cast<PacketType>(first_byte >> 4);
}

/// The lower half of the first byte that the standard prescribes for every type but PUBLISH. [MQTT-2.1.3-1]
constexpr uint8_t required_flags(PacketType type) {
  const bool acknowledged =
      type == PacketType::pubrel || type == PacketType::subscribe || type == PacketType::unsubscribe;
  return acknowledged ? 0x02 : 0x00;
}

constexpr uint8_t first_byte_of(PacketType type) {
  return static_cast<uint8_t>(static_cast<uint8_t>(type) << 4 | required_flags(type));
}

/// The name as the standard writes it, e.g. "PUBLISH"; "RESERVED" for 0.
constexpr const char* packet_type_name(PacketType type) {
  constexpr const char* names[] = {"RESERVED", "CONNECT",  "CONNACK",    "PUBLISH", "PUBACK",      "PUBREC",
                                   "PUBREL",   "PUBCOMP",  "SUBSCRIBE",  "SUBACK",  "UNSUBSCRIBE", "UNSUBACK",
                                   "PINGREQ",  "PINGRESP", "DISCONNECT", "AUTH"};
  return names[static_cast<uint8_t>(type) & 0x0F];
}

/// A set of packet types (and of "will", which is not a packet but carries properties), one bit each.
using PacketSet = uint32_t;
constexpr PacketSet packet_bit(PacketType type) {
  return PacketSet{1} << static_cast<uint8_t>(type);
}
constexpr PacketSet will_bit = PacketSet{1} << 16;

}  // namespace patchbay::mqtt

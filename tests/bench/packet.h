#pragma once

// The part of MQTT that a load generator speaks, written from the standard and independent of the broker's own codec:
// a fault shared by both sides of a conversation would hide itself.
#include <cstdint>

namespace patchbay::bench {

enum class ProtocolVersion : std::uint8_t { v3_1_1 = 4, v5 = 5 };

enum class PacketType : std::uint8_t {
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

// Reason codes of 0x80 and above are refusals in MQTT 5; 3.1.1 uses 0x80 in SUBACK and 1..5 in CONNACK.
inline constexpr std::uint8_t kFirstErrorReason = 0x80;

}  // namespace patchbay::bench

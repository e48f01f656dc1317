#pragma once

#include <cstdint>

#include "base/assert.h"
#include "base/byte_writer.h"
#include "mqtt/codec/body_reader.h"
#include "mqtt/codec/variable_byte_integer.h"
#include "mqtt/packet_type.h"
#include "mqtt/protocol_version.h"

namespace patchbay::mqtt {

/// The clause about a packet's reserved flags.
constexpr const char* flags_clause(PacketType type) {
  switch (type) {
    case PacketType::pubrel:
      return "MQTT-3.6.1-1";
    case PacketType::subscribe:
      return "MQTT-3.8.1-1";
    case PacketType::unsubscribe:
      return "MQTT-3.10.1-1";
    case PacketType::disconnect:
      return "MQTT-3.14.1-1";
    case PacketType::auth:
      return "MQTT-3.15.1-1";
    default:
      return "MQTT-2.1.3-1";
  }
}

/// Checks the flags of any packet but PUBLISH. Calling a decoder for another type's packet is our own mistake. 3.1 lets
/// PUBREL, SUBSCRIBE and UNSUBSCRIBE be sent again with DUP.
inline bool check_flags(BodyReader& reader, uint8_t first_byte, PacketType type,
                        ProtocolVersion version = ProtocolVersion::v5) {
  PATCHBAY_ASSERT(packet_type_of(first_byte) == type);
  if (first_byte == first_byte_of(type)) return true;
  const bool has_dup_only = (first_byte & 0x0F) == (required_flags(type) | 0x08);
  if (version == ProtocolVersion::v3_1 && required_flags(type) != 0 && has_dup_only) return true;
  return reader.malformed(flags_clause(type));
}

inline size_t whole_packet_size(size_t remaining_length) {
  const auto length_size = variable_byte_integer_size(static_cast<uint32_t>(remaining_length));
  return 1 + length_size + remaining_length;
}

inline void put_fixed_header(base::ByteWriter& writer, uint8_t first_byte, size_t remaining_length) {
  PATCHBAY_ASSERT(remaining_length <= kVariableByteIntegerMaximum);
  writer.put_u8(first_byte);
  put_variable_byte_integer(writer, static_cast<uint32_t>(remaining_length));
}

}  // namespace patchbay::mqtt

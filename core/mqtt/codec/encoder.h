#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "mqtt/packets/any_packet.h"
#include "mqtt/protocol_version.h"

namespace patchbay::mqtt {

/// Encoders, one pair per packet: encoded_size() is the size of the whole packet, and encode() writes exactly so many
/// bytes to the front of `out`, which must be that large, and returns their number. Properties are written by rising
/// identifier, the user properties in their order. What the version does not know (properties, reason codes) is left
/// out. A packet that breaks a rule we could have kept asserts. None allocates. [any-thread]
///
/// A result above kMaximumEncodedSize means that the packet cannot be sent; encode() must not be called then.
constexpr size_t kMaximumEncodedSize = 268'435'455 + 5;

size_t encoded_size(const Connect& packet);
size_t encode(const Connect& packet, std::span<uint8_t> out);

size_t encoded_size(const Connack& packet, ProtocolVersion version);
size_t encode(const Connack& packet, ProtocolVersion version, std::span<uint8_t> out);

/// For clients and tools; the broker's deliveries use publish_head.h.
size_t encoded_size(const Publish& packet, ProtocolVersion version);
size_t encode(const Publish& packet, ProtocolVersion version, std::span<uint8_t> out);

size_t encoded_size(const Acknowledgement& packet, ProtocolVersion version);
size_t encode(const Acknowledgement& packet, ProtocolVersion version, std::span<uint8_t> out);

size_t encoded_size(const Subscribe& packet, ProtocolVersion version);
size_t encode(const Subscribe& packet, ProtocolVersion version, std::span<uint8_t> out);

size_t encoded_size(const Suback& packet, ProtocolVersion version);
size_t encode(const Suback& packet, ProtocolVersion version, std::span<uint8_t> out);

size_t encoded_size(const Unsubscribe& packet, ProtocolVersion version);
size_t encode(const Unsubscribe& packet, ProtocolVersion version, std::span<uint8_t> out);

size_t encoded_size(const Unsuback& packet, ProtocolVersion version);
size_t encode(const Unsuback& packet, ProtocolVersion version, std::span<uint8_t> out);

size_t encoded_size(const Pingreq& packet, ProtocolVersion version);
size_t encode(const Pingreq& packet, ProtocolVersion version, std::span<uint8_t> out);

size_t encoded_size(const Pingresp& packet, ProtocolVersion version);
size_t encode(const Pingresp& packet, ProtocolVersion version, std::span<uint8_t> out);

size_t encoded_size(const Disconnect& packet, ProtocolVersion version);
size_t encode(const Disconnect& packet, ProtocolVersion version, std::span<uint8_t> out);

/// AUTH exists in 5.0 only.
size_t encoded_size(const Auth& packet, ProtocolVersion version);
size_t encode(const Auth& packet, ProtocolVersion version, std::span<uint8_t> out);

size_t encoded_size(const AnyPacket& packet, ProtocolVersion version);
size_t encode(const AnyPacket& packet, ProtocolVersion version, std::span<uint8_t> out);

/// The four byte form of PUBACK, PUBREC, PUBREL and PUBCOMP with success, which all versions share.
constexpr size_t kShortAcknowledgementSize = 4;
inline void encode_short_acknowledgement(PacketType type, uint16_t packet_id, uint8_t* out) {
  out[0] = first_byte_of(type);
  out[1] = 2;
  out[2] = static_cast<uint8_t>(packet_id >> 8);
  out[3] = static_cast<uint8_t>(packet_id);
}

}  // namespace patchbay::mqtt

#include <type_traits>
#include <variant>

#include "mqtt/codec/encoder.h"
#include "mqtt/codec/encoder_support.h"

namespace patchbay::mqtt {
namespace {

size_t encode_ping(PacketType type, std::span<uint8_t> out) {
  base::ByteWriter writer(out);
  put_fixed_header(writer, first_byte_of(type), 0);
  return writer.written();
}

}  // namespace

size_t encoded_size(const Pingreq&, ProtocolVersion) {
  return whole_packet_size(0);
}
size_t encode(const Pingreq&, ProtocolVersion, std::span<uint8_t> out) {
  return encode_ping(PacketType::pingreq, out);
}

size_t encoded_size(const Pingresp&, ProtocolVersion) {
  return whole_packet_size(0);
}
size_t encode(const Pingresp&, ProtocolVersion, std::span<uint8_t> out) {
  return encode_ping(PacketType::pingresp, out);
}

size_t encoded_size(const AnyPacket& packet, ProtocolVersion version) {
  return std::visit(
      [version](const auto& alternative) -> size_t {
        if constexpr (std::is_same_v<std::decay_t<decltype(alternative)>, Connect>) {
          return encoded_size(alternative);
        } else {
          return encoded_size(alternative, version);
        }
      },
      packet);
}

size_t encode(const AnyPacket& packet, ProtocolVersion version, std::span<uint8_t> out) {
  return std::visit(
      [version, out](const auto& alternative) -> size_t {
        if constexpr (std::is_same_v<std::decay_t<decltype(alternative)>, Connect>) {
          return encode(alternative, out);
        } else {
          return encode(alternative, version, out);
        }
      },
      packet);
}

}  // namespace patchbay::mqtt

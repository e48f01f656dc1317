#include "mqtt/codec/encoder.h"
#include "mqtt/codec/encoder_support.h"

namespace patchbay::mqtt {
namespace {

// DISCONNECT and AUTH share their form: nothing at all for success without properties, else reason code and properties.
struct ReasonAndProperties {
  PacketType type;
  ReasonCode reason_code;
  PropertiesPart properties;
  bool exists;

  size_t remaining_length() const {
    if (!exists || (reason_code == ReasonCode::success && properties.is_empty())) return 0;
    // DISCONNECT may leave out the property length behind the reason code, AUTH may not.
    if (type == PacketType::disconnect && properties.is_empty()) return 1;
    return 1 + properties.size();
  }

  size_t encode_into(std::span<uint8_t> out) const {
    const size_t remaining = remaining_length();
    base::ByteWriter writer(out);
    put_fixed_header(writer, first_byte_of(type), remaining);
    if (remaining > 0) writer.put_u8(static_cast<uint8_t>(reason_code));
    if (remaining > 1) properties.put(writer);
    return writer.written();
  }
};

ReasonAndProperties form_of(const Disconnect& packet, ProtocolVersion version) {
  return {PacketType::disconnect, packet.reason_code,
          PropertiesPart(packet.properties, packet_bit(PacketType::disconnect), version),
          version == ProtocolVersion::v5};
}

ReasonAndProperties form_of(const Auth& packet, ProtocolVersion version) {
  PATCHBAY_ASSERT(version == ProtocolVersion::v5);
  return {PacketType::auth, packet.reason_code,
          PropertiesPart(packet.properties, packet_bit(PacketType::auth), version), true};
}

}  // namespace

size_t encoded_size(const Disconnect& packet, ProtocolVersion version) {
  return whole_packet_size(form_of(packet, version).remaining_length());
}

size_t encode(const Disconnect& packet, ProtocolVersion version, std::span<uint8_t> out) {
  return form_of(packet, version).encode_into(out);
}

size_t encoded_size(const Auth& packet, ProtocolVersion version) {
  return whole_packet_size(form_of(packet, version).remaining_length());
}

size_t encode(const Auth& packet, ProtocolVersion version, std::span<uint8_t> out) {
  return form_of(packet, version).encode_into(out);
}

}  // namespace patchbay::mqtt

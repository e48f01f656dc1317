#include "mqtt/codec/encoder.h"
#include "mqtt/codec/encoder_support.h"

namespace patchbay::mqtt {
namespace {

PropertiesPart properties_of(const Connack& packet, ProtocolVersion version) {
  return {packet.properties, packet_bit(PacketType::connack), version};
}

// 3.1 has no session present flag.
uint8_t acknowledge_flags(const Connack& packet, ProtocolVersion version) {
  return packet.session_present && version != ProtocolVersion::v3_1 ? 0x01 : 0x00;
}

uint8_t reason_byte(const Connack& packet, ProtocolVersion version) {
  return version == ProtocolVersion::v5 ? static_cast<uint8_t>(packet.reason_code)
                                        : connack_return_code(packet.reason_code);
}

}  // namespace

size_t encoded_size(const Connack& packet, ProtocolVersion version) {
  return whole_packet_size(2 + properties_of(packet, version).size());
}

size_t encode(const Connack& packet, ProtocolVersion version, std::span<uint8_t> out) {
  const PropertiesPart properties = properties_of(packet, version);
  // [MQTT-3.2.2-6] a failure never comes with a session
  PATCHBAY_ASSERT(!packet.session_present || packet.reason_code == ReasonCode::success);
  base::ByteWriter writer(out);
  put_fixed_header(writer, first_byte_of(PacketType::connack), 2 + properties.size());
  writer.put_u8(acknowledge_flags(packet, version));
  writer.put_u8(reason_byte(packet, version));
  properties.put(writer);
  return writer.written();
}

}  // namespace patchbay::mqtt

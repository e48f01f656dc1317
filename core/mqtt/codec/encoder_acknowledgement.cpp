#include "mqtt/codec/encoder.h"
#include "mqtt/codec/encoder_support.h"

namespace patchbay::mqtt {
namespace {

Properties properties_of(const Acknowledgement& packet) {
  Properties properties;
  if (packet.has_reason_string) properties.set(PropertyId::reason_string, packet.reason_string);
  if (packet.user_property_count != 0) properties.set_user_properties(packet.block, packet.user_property_count);
  return properties;
}

bool has_properties(const Acknowledgement& packet) {
  return packet.has_reason_string || packet.user_property_count != 0;
}

// Success without properties is the packet identifier alone; any other reason without properties stands alone behind
// it.
size_t remaining_length(const Acknowledgement& packet, ProtocolVersion version, const PropertiesPart& properties) {
  if (version != ProtocolVersion::v5) return 2;
  if (has_properties(packet)) return 3 + properties.size();
  return packet.reason_code == ReasonCode::success ? 2 : 3;
}

}  // namespace

size_t encoded_size(const Acknowledgement& packet, ProtocolVersion version) {
  const Properties properties = properties_of(packet);
  return whole_packet_size(
      remaining_length(packet, version, PropertiesPart(properties, packet_bit(packet.type), version)));
}

size_t encode(const Acknowledgement& packet, ProtocolVersion version, std::span<uint8_t> out) {
  const Properties properties = properties_of(packet);
  const PropertiesPart part(properties, packet_bit(packet.type), version);
  const size_t remaining = remaining_length(packet, version, part);
  base::ByteWriter writer(out);
  put_fixed_header(writer, first_byte_of(packet.type), remaining);
  PATCHBAY_ASSERT(packet.packet_id != 0);  // [MQTT-2.2.1-5]
  writer.put_u16(packet.packet_id);
  if (remaining > 2) writer.put_u8(static_cast<uint8_t>(packet.reason_code));
  if (remaining > 3) part.put(writer);
  return writer.written();
}

}  // namespace patchbay::mqtt

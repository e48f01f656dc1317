#include "mqtt/codec/encoder.h"
#include "mqtt/codec/encoder_support.h"

namespace patchbay::mqtt {
namespace {

constexpr PacketSet kSubscribe = packet_bit(PacketType::subscribe);
constexpr PacketSet kSuback = packet_bit(PacketType::suback);

// Before 5.0 all failures are 0x80.
uint8_t suback_code(uint8_t code, ProtocolVersion version) {
  return version != ProtocolVersion::v5 && code > 2 ? 0x80 : code;
}

}  // namespace

size_t encoded_size(const Subscribe& packet, ProtocolVersion version) {
  const PropertiesPart properties(packet.properties, kSubscribe, version);
  return whole_packet_size(2 + properties.size() + packet.subscriptions.bytes.size());
}

size_t encode(const Subscribe& packet, ProtocolVersion version, std::span<uint8_t> out) {
  const PropertiesPart properties(packet.properties, kSubscribe, version);
  PATCHBAY_ASSERT(packet.packet_id != 0 && packet.subscriptions.count != 0);  // [MQTT-2.2.1-3] [MQTT-3.8.3-2]
  base::ByteWriter writer(out);
  put_fixed_header(writer, first_byte_of(PacketType::subscribe),
                   2 + properties.size() + packet.subscriptions.bytes.size());
  writer.put_u16(packet.packet_id);
  properties.put(writer);
  writer.put_bytes(packet.subscriptions.bytes);
  return writer.written();
}

size_t encoded_size(const Suback& packet, ProtocolVersion version) {
  const PropertiesPart properties(packet.properties, kSuback, version);
  return whole_packet_size(2 + properties.size() + packet.reason_codes.size());
}

size_t encode(const Suback& packet, ProtocolVersion version, std::span<uint8_t> out) {
  const PropertiesPart properties(packet.properties, kSuback, version);
  base::ByteWriter writer(out);
  put_fixed_header(writer, first_byte_of(PacketType::suback), 2 + properties.size() + packet.reason_codes.size());
  writer.put_u16(packet.packet_id);
  properties.put(writer);
  for (const uint8_t code : packet.reason_codes) writer.put_u8(suback_code(code, version));
  return writer.written();
}

}  // namespace patchbay::mqtt

#include "mqtt/codec/encoder.h"
#include "mqtt/codec/encoder_support.h"

namespace patchbay::mqtt {
namespace {

constexpr PacketSet kUnsubscribe = packet_bit(PacketType::unsubscribe);
constexpr PacketSet kUnsuback = packet_bit(PacketType::unsuback);

// Before 5.0 UNSUBACK has no payload.
std::span<const uint8_t> reason_codes_of(const Unsuback& packet, ProtocolVersion version) {
  return version == ProtocolVersion::v5 ? packet.reason_codes : std::span<const uint8_t>{};
}

}  // namespace

size_t encoded_size(const Unsubscribe& packet, ProtocolVersion version) {
  const PropertiesPart properties(packet.properties, kUnsubscribe, version);
  return whole_packet_size(2 + properties.size() + packet.topic_filters.bytes.size());
}

size_t encode(const Unsubscribe& packet, ProtocolVersion version, std::span<uint8_t> out) {
  const PropertiesPart properties(packet.properties, kUnsubscribe, version);
  PATCHBAY_ASSERT(packet.packet_id != 0 && packet.topic_filters.count != 0);  // [MQTT-2.2.1-3] [MQTT-3.10.3-2]
  base::ByteWriter writer(out);
  put_fixed_header(writer, first_byte_of(PacketType::unsubscribe),
                   2 + properties.size() + packet.topic_filters.bytes.size());
  writer.put_u16(packet.packet_id);
  properties.put(writer);
  writer.put_bytes(packet.topic_filters.bytes);
  return writer.written();
}

size_t encoded_size(const Unsuback& packet, ProtocolVersion version) {
  const PropertiesPart properties(packet.properties, kUnsuback, version);
  return whole_packet_size(2 + properties.size() + reason_codes_of(packet, version).size());
}

size_t encode(const Unsuback& packet, ProtocolVersion version, std::span<uint8_t> out) {
  const PropertiesPart properties(packet.properties, kUnsuback, version);
  const std::span<const uint8_t> reason_codes = reason_codes_of(packet, version);
  base::ByteWriter writer(out);
  put_fixed_header(writer, first_byte_of(PacketType::unsuback), 2 + properties.size() + reason_codes.size());
  writer.put_u16(packet.packet_id);
  properties.put(writer);
  writer.put_bytes(reason_codes);
  return writer.written();
}

}  // namespace patchbay::mqtt

#include "mqtt/codec/encoder.h"
#include "mqtt/codec/encoder_support.h"

namespace patchbay::mqtt {
namespace {

constexpr PacketSet kPublish = packet_bit(PacketType::publish);

// The general form, from which the general encoder writes all but the subscription identifiers.
Properties without_subscription_identifiers(const PublishProperties& from) {
  Properties to;
  if (from.has_payload_format_indicator) to.set(PropertyId::payload_format_indicator, from.payload_format_indicator);
  if (from.has_message_expiry_interval) to.set(PropertyId::message_expiry_interval, from.message_expiry_interval_s);
  if (from.topic_alias != 0) to.set(PropertyId::topic_alias, from.topic_alias);
  if (from.has_content_type) to.set(PropertyId::content_type, from.content_type());
  if (from.has_response_topic) to.set(PropertyId::response_topic, from.response_topic());
  if (from.has_correlation_data) to.set(PropertyId::correlation_data, from.correlation_data());
  if (from.user_property_count != 0) to.set_user_properties(from.block, from.user_property_count);
  return to;
}

uint32_t subscription_identifiers_size(const PublishProperties& properties) {
  uint32_t size = 0;
  uint32_t identifier = 0;
  if (!properties.has_subscription_identifier) return 0;
  for (auto reader = properties.subscription_identifiers(); reader.next(identifier);) {
    size += 1 + variable_byte_integer_size(identifier);
  }
  return size;
}

uint32_t block_size(const Publish& packet, ProtocolVersion version) {
  if (version != ProtocolVersion::v5) return 0;
  return encoded_properties_size(without_subscription_identifiers(packet.properties), kPublish) +
         subscription_identifiers_size(packet.properties);
}

size_t remaining_length(const Publish& packet, ProtocolVersion version, uint32_t properties_size) {
  size_t size = 2 + packet.topic.size() + packet.payload.size();
  if (packet.qos != Qos::at_most_once) size += 2;
  if (version == ProtocolVersion::v5) size += variable_byte_integer_size(properties_size) + properties_size;
  return size;
}

void put_properties(base::ByteWriter& writer, const PublishProperties& properties, uint32_t properties_size) {
  encode_properties(without_subscription_identifiers(properties), kPublish, properties_size, writer);
  uint32_t identifier = 0;
  if (!properties.has_subscription_identifier) return;
  for (auto reader = properties.subscription_identifiers(); reader.next(identifier);) {
    writer.put_u8(static_cast<uint8_t>(PropertyId::subscription_identifier));
    put_variable_byte_integer(writer, identifier);
  }
}

uint8_t first_byte(const Publish& packet) {
  return static_cast<uint8_t>(first_byte_of(PacketType::publish) | (packet.dup ? 0x08 : 0) |
                              static_cast<uint8_t>(packet.qos) << 1 | (packet.retain ? 0x01 : 0));
}

}  // namespace

size_t encoded_size(const Publish& packet, ProtocolVersion version) {
  return whole_packet_size(remaining_length(packet, version, block_size(packet, version)));
}

size_t encode(const Publish& packet, ProtocolVersion version, std::span<uint8_t> out) {
  const uint32_t properties_size = block_size(packet, version);
  base::ByteWriter writer(out);
  put_fixed_header(writer, first_byte(packet), remaining_length(packet, version, properties_size));
  writer.put_prefixed(packet.topic);
  if (packet.qos != Qos::at_most_once) {
    PATCHBAY_ASSERT(packet.packet_id != 0);  // [MQTT-2.2.1-3]
    writer.put_u16(packet.packet_id);
  }
  if (version == ProtocolVersion::v5) put_properties(writer, packet.properties, properties_size);
  writer.put_bytes(packet.payload);
  return writer.written();
}

}  // namespace patchbay::mqtt

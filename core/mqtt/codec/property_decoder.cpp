#include "base/assert.h"
#include "mqtt/codec/property_codec.h"
#include "mqtt/codec/raw_property.h"
#include "mqtt/properties.h"
#include "mqtt/property_table.h"

namespace patchbay::mqtt {
namespace {

bool read_integer_value(BodyReader& reader, PropertyType type, uint32_t& value) {
  switch (type) {
    case PropertyType::byte: {
      uint8_t byte = 0;
      if (!reader.read_u8(byte)) return false;
      value = byte;
      return true;
    }
    case PropertyType::two_byte_integer: {
      uint16_t integer = 0;
      if (!reader.read_u16(integer)) return false;
      value = integer;
      return true;
    }
    case PropertyType::four_byte_integer:
      return reader.read_u32(value);
    default:
      return reader.read_integer(value);
  }
}

// A topic alias out of range has a reason code of its own; everything else is a protocol error by the property's
// section.
bool out_of_range(BodyReader& reader, const PropertyRow& row) {
  if (row.id == PropertyId::topic_alias) {
    return reader.fail(ReasonCode::topic_alias_invalid, "MQTT-3.3.2-8");  // [MQTT-3.3.2-8] alias 0
  }
  return reader.protocol_error(row.clause);
}

bool read_number(BodyReader& reader, const PropertyRow& row, uint32_t& value) {
  if (!read_integer_value(reader, row.type, value)) return false;
  return (value >= row.minimum && value <= row.maximum) || out_of_range(reader, row);
}

// A response topic is a topic name: at least one character [MQTT-4.7.3-1] and no wildcards [MQTT-3.3.2-14].
bool read_response_topic(BodyReader& reader, std::string_view& topic) {
  uint8_t found = 0;
  if (!reader.read_topic(topic, found)) return false;
  if (found != 0) return reader.protocol_error("MQTT-3.3.2-14");
  return !topic.empty() || reader.protocol_error("MQTT-4.7.3-1");
}

bool read_text(BodyReader& reader, const PropertyRow& row, std::string_view& text) {
  if (row.type == PropertyType::binary_data) return reader.read_binary(text);
  if (row.id == PropertyId::response_topic) return read_response_topic(reader, text);
  return reader.read_utf8(text);
}

// Both strings of a pair comply with the rules for strings. [MQTT-1.5.7-1]
bool read_user_property(BodyReader& reader) {
  std::string_view name;
  std::string_view value;
  return reader.read_utf8(name) && reader.read_utf8(value);
}

bool decode_property(BodyReader& reader, PacketSet packet, Properties& properties) {
  uint32_t id = 0;
  if (!reader.read_integer(id)) return false;
  const PropertyRow* row = id <= kHighestPropertyId ? find_property(static_cast<uint8_t>(id)) : nullptr;
  // An identifier that the packet may not have is malformed, section 2.2.2.2.
  if (row == nullptr || (row->packets & packet) == 0) return reader.malformed("MQTT-2.2.2.2");
  const bool is_second = properties.has(row->id);
  if (is_second && (row->may_repeat_in & packet) == 0) return reader.protocol_error(row->clause);
  properties.present |= uint64_t{1} << id;
  if (row->type == PropertyType::utf8_string_pair) {
    ++properties.user_property_count;
    return read_user_property(reader);
  }
  const PropertyField field = property_field(row->id);
  if (field.text != nullptr) return read_text(reader, *row, properties.*field.text);
  return read_number(reader, *row, properties.*field.number);
}

bool read_block(BodyReader& reader, BodyReader& block) {
  uint32_t size = 0;
  return reader.read_integer(size) && reader.read_part(size, block);
}

// A second property of the kind is a protocol error.
bool is_first(BodyReader& reader, bool was_there, const char* clause) {
  return !was_there || reader.protocol_error(clause);
}

bool read_topic_alias(BodyReader& reader, PublishProperties& properties) {
  if (properties.topic_alias != 0) return reader.protocol_error("MQTT-3.3.2.3.4");
  if (!reader.read_u16(properties.topic_alias)) return false;
  if (properties.topic_alias != 0) return true;
  return reader.fail(ReasonCode::topic_alias_invalid, "MQTT-3.3.2-8");  // [MQTT-3.3.2-8] alias 0
}

bool read_subscription_identifier(BodyReader& reader, PublishProperties& properties) {
  uint32_t identifier = 0;
  if (!reader.read_integer(identifier)) return false;
  properties.has_subscription_identifier = true;
  return identifier != 0 || reader.protocol_error("MQTT-3.8.2.1.2");
}

bool read_payload_format(BodyReader& reader, PublishProperties& properties) {
  if (!reader.read_u8(properties.payload_format_indicator)) return false;
  return properties.payload_format_indicator <= 1 || reader.protocol_error("MQTT-3.3.2.3.2");
}

bool decode_publish_property(BodyReader& reader, uint8_t id, PublishProperties& properties) {
  std::string_view text;
  switch (static_cast<PropertyId>(id)) {
    case PropertyId::user_property:
      ++properties.user_property_count;
      return read_user_property(reader);
    case PropertyId::topic_alias:
      return read_topic_alias(reader, properties);
    case PropertyId::message_expiry_interval:
      return is_first(reader, properties.has_message_expiry_interval, "MQTT-3.3.2.3.3") &&
             (properties.has_message_expiry_interval = true) && reader.read_u32(properties.message_expiry_interval_s);
    case PropertyId::payload_format_indicator:
      return is_first(reader, properties.has_payload_format_indicator, "MQTT-3.3.2.3.2") &&
             (properties.has_payload_format_indicator = true) && read_payload_format(reader, properties);
    case PropertyId::content_type:
      return is_first(reader, properties.has_content_type, "MQTT-3.3.2.3.9") && (properties.has_content_type = true) &&
             reader.read_utf8(text);
    case PropertyId::response_topic:
      return is_first(reader, properties.has_response_topic, "MQTT-3.3.2.3.5") &&
             (properties.has_response_topic = true) && read_response_topic(reader, text);
    case PropertyId::correlation_data:
      return is_first(reader, properties.has_correlation_data, "MQTT-3.3.2.3.6") &&
             (properties.has_correlation_data = true) && reader.read_binary(text);
    case PropertyId::subscription_identifier:
      return read_subscription_identifier(reader, properties);
    default:
      return reader.malformed("MQTT-2.2.2.2");
  }
}

bool decode_publish_block(BodyReader& block, PublishProperties& properties) {
  properties.block = block.rest();
  while (!block.empty()) {
    const size_t before = block.remaining();
    uint32_t id = 0;
    if (!block.read_integer(id)) return false;
    if (id > kHighestPropertyId) return block.malformed("MQTT-2.2.2.2");
    if (!decode_publish_property(block, static_cast<uint8_t>(id), properties)) return false;
    if (is_forwardable(static_cast<PropertyId>(id))) {
      properties.forwardable_size += static_cast<uint32_t>(before - block.remaining());
    }
  }
  return true;
}

}  // namespace

bool decode_properties(BodyReader& reader, PacketSet packet, Properties& properties) {
  BodyReader block = reader.make_part();
  if (!read_block(reader, block)) return false;
  properties.block = block.rest();
  while (!block.empty()) {
    const size_t before = block.remaining();
    const uint8_t id = block.rest().front();
    if (!decode_property(block, packet, properties)) return false;
    if (is_forwardable(static_cast<PropertyId>(id))) {
      properties.forwardable_size += static_cast<uint32_t>(before - block.remaining());
    }
  }
  return true;
}

bool decode_publish_properties(BodyReader& reader, PublishProperties& properties) {
  BodyReader block = reader.make_part();
  return read_block(reader, block) && decode_publish_block(block, properties);
}

PublishProperties publish_properties_of(PropertyBlock block) {
  DecodeError error;
  BodyReader reader(block, error);
  PublishProperties properties;
  const bool is_valid = decode_publish_block(reader, properties);
  PATCHBAY_ASSERT(is_valid);
  return properties;
}

}  // namespace patchbay::mqtt

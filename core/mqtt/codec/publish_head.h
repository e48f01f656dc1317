#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "base/assert.h"
#include "base/byte_writer.h"
#include "mqtt/codec/variable_byte_integer.h"
#include "mqtt/packet_type.h"
#include "mqtt/passing_message.h"
#include "mqtt/property_id.h"
#include "mqtt/protocol_version.h"
#include "mqtt/qos.h"

namespace patchbay::mqtt {

/// What a delivered PUBLISH holds before its payload. The payload follows from the message that all receivers share, so
/// that only the head is written per class of receivers, and only the packet identifier per receiver.
struct PublishHead {
  std::string_view topic;  // May be empty where a topic alias is set.
  Qos qos = Qos::at_most_once;
  bool dup = false;
  bool retain = false;
  bool has_message_expiry_interval = false;
  uint16_t packet_id = 0;
  uint16_t topic_alias = 0;  // 0: none.
  uint32_t message_expiry_interval_s = 0;
  uint32_t payload_size = 0;
  std::span<const uint32_t> subscription_identifiers;
  std::span<const uint8_t> forwardable_properties;  // Encoded, as Message keeps them.
};

/// The sizes that encoding needs, worked out once.
struct PublishHeadLayout {
  size_t head_size = 0;   // Bytes before the payload.
  size_t total_size = 0;  // The whole packet; compare with the receiver's maximum packet size.
  uint32_t remaining_length = 0;
  uint32_t properties_size = 0;   // Without their length; 0 before 5.0.
  uint32_t packet_id_offset = 0;  // Where in the head the packet identifier stands; 0 with QoS 0.
  bool is_encodable = true;       // False where the remaining length would not fit the protocol.
};

/// [any-thread]
inline uint32_t publish_properties_size(const PublishHead& head) {
  uint32_t size = static_cast<uint32_t>(head.forwardable_properties.size());
  if (head.has_message_expiry_interval) size += 5;
  if (head.topic_alias != 0) size += 3;
  for (const uint32_t identifier : head.subscription_identifiers) size += 1 + variable_byte_integer_size(identifier);
  return size;
}

inline PublishHeadLayout layout_publish_head(const PublishHead& head, ProtocolVersion version) {
  PublishHeadLayout layout;
  uint64_t remaining = 2 + head.topic.size() + (head.qos == Qos::at_most_once ? 0u : 2u);
  if (version == ProtocolVersion::v5) {
    layout.properties_size = publish_properties_size(head);
    remaining += variable_byte_integer_size(layout.properties_size) + layout.properties_size;
  }
  const size_t before_payload = remaining;
  remaining += head.payload_size;
  layout.is_encodable = remaining <= kVariableByteIntegerMaximum;
  layout.remaining_length = static_cast<uint32_t>(remaining);
  const size_t fixed_header = 1 + variable_byte_integer_size(layout.remaining_length);
  layout.head_size = fixed_header + before_payload;
  layout.total_size = fixed_header + remaining;
  if (head.qos != Qos::at_most_once) {
    layout.packet_id_offset = static_cast<uint32_t>(fixed_header + 2 + head.topic.size());
  }
  return layout;
}

inline size_t publish_head_size(const PublishHead& head, ProtocolVersion version) {
  return layout_publish_head(head, version).head_size;
}

/// The properties of a delivery in the order: what is the delivery's own, then what the publisher gave.
inline void put_publish_properties(base::ByteWriter& writer, const PublishHead& head, uint32_t properties_size) {
  put_variable_byte_integer(writer, properties_size);
  if (properties_size == 0) return;
  if (head.has_message_expiry_interval) {
    writer.put_u8(static_cast<uint8_t>(PropertyId::message_expiry_interval));
    writer.put_u32(head.message_expiry_interval_s);
  }
  if (head.topic_alias != 0) {
    writer.put_u8(static_cast<uint8_t>(PropertyId::topic_alias));
    writer.put_u16(head.topic_alias);
  }
  for (const uint32_t identifier : head.subscription_identifiers) {
    writer.put_u8(static_cast<uint8_t>(PropertyId::subscription_identifier));
    put_variable_byte_integer(writer, identifier);
  }
  writer.put_bytes(head.forwardable_properties);
}

/// Writes layout.head_size bytes to `out`, which must be that large; the layout must be encodable and of the same head.
inline void encode_publish_head(const PublishHead& head, const PublishHeadLayout& layout, ProtocolVersion version,
                                std::span<uint8_t> out) {
  PATCHBAY_ASSERT(layout.is_encodable && out.size() >= layout.head_size);
  base::ByteWriter writer(out);
  writer.put_u8(static_cast<uint8_t>(first_byte_of(PacketType::publish) | (head.dup ? 0x08 : 0) |
                                     static_cast<uint8_t>(head.qos) << 1 | (head.retain ? 0x01 : 0)));
  put_variable_byte_integer(writer, layout.remaining_length);
  writer.put_prefixed(head.topic);
  if (head.qos != Qos::at_most_once) writer.put_u16(head.packet_id);
  if (version == ProtocolVersion::v5) put_publish_properties(writer, head, layout.properties_size);
  PATCHBAY_ASSERT(writer.written() == layout.head_size);
}

/// A PUBLISH with nothing before its payload but topic and, where its QoS asks for one, packet identifier: what devices
/// mostly get. It has a form of its own since it is written once for each message where topics have one subscriber.
struct PlainPublish {
  std::string_view topic;
  std::span<const uint8_t> payload;
  uint16_t packet_id = 0;
  Qos qos = Qos::at_most_once;
  bool dup = false;
  bool retain = false;
};

/// The first byte of one with QoS 0 that is neither a repetition nor retained.
inline constexpr uint8_t kPlainPublishFirstByte = first_byte_of(PacketType::publish);

/// A whole packet with such a first byte, `body` being what comes behind its remaining length, where it has no
/// properties: else, or where a part is cut off, the topic is empty. Doesn't look at what the topic is made of: for who
/// compares it with one that is known.
inline PassingMessage read_plain_publish(std::span<const uint8_t> packet, std::span<const uint8_t> body,
                                         ProtocolVersion version) {
  if (body.size() < 2) return {};
  const size_t topic_size = static_cast<size_t>(body[0]) << 8 | body[1];
  const size_t properties = version == ProtocolVersion::v5 ? 1 : 0;
  if (body.size() < 2 + topic_size + properties) return {};
  if (properties != 0 && body[2 + topic_size] != 0) return {};
  const auto* topic = reinterpret_cast<const char*>(body.data() + 2);
  return {{topic, topic_size}, body.subspan(2 + topic_size + properties), packet, properties != 0};
}

/// Of the whole packet; 0: it needs more than two bytes of remaining length, and so the general form.
inline size_t plain_publish_size(const PlainPublish& publish, ProtocolVersion version) {
  const size_t remaining = 2 + publish.topic.size() + (publish.qos == Qos::at_most_once ? 0 : 2) +
                           (version == ProtocolVersion::v5 ? 1 : 0) + publish.payload.size();
  if (remaining >= 128 * 128) return 0;
  return remaining + (remaining < 128 ? 2 : 3);
}

/// Writes plain_publish_size() bytes, as `size` has it, to `out`.
inline void encode_plain_publish(const PlainPublish& publish, ProtocolVersion version, size_t size, uint8_t* out) {
  const uint8_t* const end = out + size;
  const size_t remaining = size < 128 + 2 ? size - 2 : size - 3;
  *out++ = static_cast<uint8_t>(first_byte_of(PacketType::publish) | (publish.dup ? 0x08 : 0) |
                                static_cast<uint8_t>(publish.qos) << 1 | (publish.retain ? 0x01 : 0));
  if (remaining < 128) {
    *out++ = static_cast<uint8_t>(remaining);
  } else {
    *out++ = static_cast<uint8_t>(remaining | 0x80);
    *out++ = static_cast<uint8_t>(remaining >> 7);
  }
  *out++ = static_cast<uint8_t>(publish.topic.size() >> 8);
  *out++ = static_cast<uint8_t>(publish.topic.size());
  std::memcpy(out, publish.topic.data(), publish.topic.size());
  out += publish.topic.size();
  if (publish.qos != Qos::at_most_once) {
    *out++ = static_cast<uint8_t>(publish.packet_id >> 8);
    *out++ = static_cast<uint8_t>(publish.packet_id);
  }
  if (version == ProtocolVersion::v5) *out++ = 0;  // no properties
  if (!publish.payload.empty()) std::memcpy(out, publish.payload.data(), publish.payload.size());
  PATCHBAY_ASSERT(out + publish.payload.size() == end);
}

/// Puts another receiver's packet identifier into a copied head.
inline void patch_packet_id(uint8_t* head, const PublishHeadLayout& layout, uint16_t packet_id) {
  PATCHBAY_ASSERT(layout.packet_id_offset != 0);
  head[layout.packet_id_offset] = static_cast<uint8_t>(packet_id >> 8);
  head[layout.packet_id_offset + 1] = static_cast<uint8_t>(packet_id);
}

/// Marks a copied head as sent again.
inline void patch_dup(uint8_t* head) {
  head[0] |= 0x08;
}

}  // namespace patchbay::mqtt

#include "mqtt/codec/encoder.h"
#include "mqtt/codec/encoder_support.h"

namespace patchbay::mqtt {
namespace {

constexpr PacketSet kConnect = packet_bit(PacketType::connect);

std::string_view protocol_name(ProtocolVersion version) {
  return version == ProtocolVersion::v3_1 ? "MQIsdp" : "MQTT";
}

uint8_t connect_flags(const Connect& packet) {
  uint8_t flags = 0;
  if (packet.clean_start) flags |= 0x02;
  if (packet.has_will) {
    flags |= 0x04;
    flags |= static_cast<uint8_t>(static_cast<uint8_t>(packet.will.qos) << 3);
    if (packet.will.retain) flags |= 0x20;
  }
  if (packet.has_password) flags |= 0x40;
  if (packet.has_user_name) flags |= 0x80;
  return flags;
}

// The variable header, section 3.1.2: name, level, flags, keep alive, properties.
size_t variable_header_size(const Connect& packet) {
  return 2 + protocol_name(packet.version).size() + 1 + 1 + 2 +
         PropertiesPart(packet.properties, kConnect, packet.version).size();
}

// The payload, section 3.1.3. [MQTT-3.1.3-1] client identifier, will properties, topic and payload, user name, password
size_t payload_size(const Connect& packet) {
  size_t size = 2 + packet.client_id.size();
  if (packet.has_will) {
    size += PropertiesPart(packet.will.properties, will_bit, packet.version).size();
    size += 2 + packet.will.topic.size() + 2 + packet.will.payload.size();
  }
  if (packet.has_user_name) size += 2 + packet.user_name.size();
  if (packet.has_password) size += 2 + packet.password.size();
  return size;
}

void put_variable_header(base::ByteWriter& writer, const Connect& packet) {
  const uint8_t level = static_cast<uint8_t>(packet.version);
  writer.put_prefixed(protocol_name(packet.version));
  writer.put_u8(packet.is_bridge ? level | 0x80 : level);
  writer.put_u8(connect_flags(packet));
  writer.put_u16(packet.keep_alive_s);
  PropertiesPart(packet.properties, kConnect, packet.version).put(writer);
}

void put_payload(base::ByteWriter& writer, const Connect& packet) {
  writer.put_prefixed(packet.client_id);
  if (packet.has_will) {
    PropertiesPart(packet.will.properties, will_bit, packet.version).put(writer);
    writer.put_prefixed(packet.will.topic);
    writer.put_prefixed(base::as_text(packet.will.payload));
  }
  if (packet.has_user_name) writer.put_prefixed(packet.user_name);
  if (packet.has_password) writer.put_prefixed(packet.password);
}

}  // namespace

size_t encoded_size(const Connect& packet) {
  return whole_packet_size(variable_header_size(packet) + payload_size(packet));
}

size_t encode(const Connect& packet, std::span<uint8_t> out) {
  base::ByteWriter writer(out);
  put_fixed_header(writer, first_byte_of(PacketType::connect), variable_header_size(packet) + payload_size(packet));
  put_variable_header(writer, packet);
  put_payload(writer, packet);
  return writer.written();
}

}  // namespace patchbay::mqtt

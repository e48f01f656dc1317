#include "mqtt/codec/decoder.h"
#include "mqtt/codec/fixed_header.h"
#include "mqtt/codec/property_codec.h"

namespace patchbay::mqtt {
namespace {

// The connect flags, section 3.1.2.3.
struct ConnectFlags {
  uint8_t byte = 0;

  bool reserved() const { return (byte & 0x01) != 0; }
  bool clean_start() const { return (byte & 0x02) != 0; }
  bool will() const { return (byte & 0x04) != 0; }
  uint8_t will_qos() const { return byte >> 3 & 0x03; }
  bool will_retain() const { return (byte & 0x20) != 0; }
  bool password() const { return (byte & 0x40) != 0; }
  bool user_name() const { return (byte & 0x80) != 0; }
};

constexpr uint8_t kBridgeBit = 0x80;

// Which protocol a name and a level mean; nothing where we do not speak it.
std::optional<ProtocolVersion> version_of(std::string_view name, uint8_t level) {
  const uint8_t plain_level = level & ~kBridgeBit;
  if (name == "MQTT" && level == 5) return ProtocolVersion::v5;
  if (name == "MQTT" && plain_level == 4) return ProtocolVersion::v3_1_1;
  if (name == "MQIsdp" && plain_level == 3) return ProtocolVersion::v3_1;
  return std::nullopt;
}

bool read_protocol(BodyReader& reader, Connect& packet) {
  std::string_view name;
  uint8_t level = 0;
  if (!reader.read_binary(name)) return false;
  if (name != "MQTT" && name != "MQIsdp") {  // [MQTT-3.1.2-1] the protocol name
    return reader.fail(ReasonCode::unsupported_protocol_version, "MQTT-3.1.2-1");
  }
  if (!reader.read_u8(level)) return false;
  const std::optional<ProtocolVersion> version = version_of(name, level);
  if (!version) {  // [MQTT-3.1.2-2] the protocol version
    return reader.fail(ReasonCode::unsupported_protocol_version, "MQTT-3.1.2-2");
  }
  packet.version = *version;
  packet.is_bridge = (level & kBridgeBit) != 0;
  return true;
}

bool check_connect_flags(BodyReader& reader, const ConnectFlags& flags, ProtocolVersion version) {
  // [MQTT-3.1.2-3] the reserved flag is 0; 3.1 only calls it "not used".
  if (flags.reserved() && version != ProtocolVersion::v3_1) return reader.malformed("MQTT-3.1.2-3");
  if (!flags.will()) {
    if (flags.will_qos() != 0) return reader.malformed("MQTT-3.1.2-11");  // [MQTT-3.1.2-11] no will, no will QoS
    if (flags.will_retain()) return reader.malformed("MQTT-3.1.2-13");    // [MQTT-3.1.2-13] no will, no will retain
  }
  if (flags.will_qos() == 3) return reader.malformed("MQTT-3.1.2-12");  // [MQTT-3.1.2-12] will QoS is 0, 1 or 2
  // [MQTT3-3.1.2-22] before 5.0 a password needs a user name
  const bool password_alone = flags.password() && !flags.user_name();
  if (password_alone && version != ProtocolVersion::v5) return reader.malformed("MQTT3-3.1.2-22");
  return true;
}

bool read_connect_properties(BodyReader& reader, Properties& properties) {
  if (!decode_properties(reader, packet_bit(PacketType::connect), properties)) return false;
  const bool data_alone =
      properties.has(PropertyId::authentication_data) && !properties.has(PropertyId::authentication_method);
  return !data_alone || reader.protocol_error("MQTT-3.1.2.11.10");
}

// [MQTT-3.1.2-9] will properties, topic and payload are all there
bool read_will(BodyReader& reader, const ConnectFlags& flags, Connect& packet) {
  packet.has_will = true;
  packet.will.qos = static_cast<Qos>(flags.will_qos());
  packet.will.retain = flags.will_retain();
  if (packet.version == ProtocolVersion::v5 && !decode_properties(reader, will_bit, packet.will.properties))
    return false;
  uint8_t found = 0;
  if (!reader.read_topic(packet.will.topic, found)) return false;  // [MQTT-3.1.3-11] UTF-8
  if (packet.will.topic.empty()) return reader.malformed("MQTT-4.7.3-1");
  if (found != 0) return reader.fail(ReasonCode::topic_name_invalid, "MQTT-4.7.0-1");  // [MQTT-4.7.0-1] no wildcards
  std::string_view payload;
  if (!reader.read_binary(payload)) return false;
  packet.will.payload = base::as_bytes(payload);
  return true;
}

// For clients of the first MQTT, 3.1 goes by the remaining length: a flag whose field is missing at the end is no
// error.
bool is_left_out(const BodyReader& reader, const Connect& packet) {
  return packet.version == ProtocolVersion::v3_1 && reader.empty();
}

bool read_credentials(BodyReader& reader, const ConnectFlags& flags, Connect& packet) {
  if (flags.user_name() && !is_left_out(reader, packet)) {  // [MQTT-3.1.2-17] flag set: user name present
    packet.has_user_name = true;
    if (!reader.read_utf8(packet.user_name)) return false;  // [MQTT-3.1.3-12] UTF-8
  }
  if (flags.password() && !is_left_out(reader, packet)) {  // [MQTT-3.1.2-19] flag set: password present
    packet.has_password = true;
    if (!reader.read_binary(packet.password)) return false;
  }
  return reader.expect_end();
}

bool read_connect(BodyReader& reader, Connect& packet) {
  ConnectFlags flags;
  if (!read_protocol(reader, packet)) return false;
  if (!reader.read_u8(flags.byte) || !check_connect_flags(reader, flags, packet.version)) return false;
  packet.clean_start = flags.clean_start();
  if (!reader.read_u16(packet.keep_alive_s)) return false;
  if (packet.version == ProtocolVersion::v5 && !read_connect_properties(reader, packet.properties)) return false;
  if (!reader.read_utf8(packet.client_id)) return false;  // [MQTT-3.1.3-3] first field, [MQTT-3.1.3-4] UTF-8
  if (flags.will() && !read_will(reader, flags, packet)) return false;
  return read_credentials(reader, flags, packet);
}

}  // namespace

Decoded<Connect> decode_connect(uint8_t first_byte, Body body) {
  DecodeError error;
  BodyReader reader(body, error);
  Decoded<Connect> result{Connect{}};
  if (!check_flags(reader, first_byte, PacketType::connect) || !read_connect(reader, *result))
    result = base::fail(error);
  return result;
}

std::optional<ProtocolVersion> peek_protocol_version(Body body) {
  base::ByteReader reader(body);
  std::string_view name;
  uint8_t level = 0;
  if (!reader.read_prefixed(name) || !reader.read_u8(level)) return std::nullopt;
  const std::optional<ProtocolVersion> version = version_of(name, level);
  if (version) return version;
  // A level that we do not speak is refused in words that its client knows: up to 4, and under the name of 3.1, with
  // the return code 0x01 that 3.1 and 3.1.1 ask for [MQTT3-3.1.2-2]; above 5, by a client that is newer than 5.0, with
  // the 0x84 of 5.0 [MQTT-3.1.2-2]. Under another name it is no MQTT at all [MQTT-3.1.2-1]: nothing is known.
  if (name == "MQIsdp") return ProtocolVersion::v3_1;
  if (name != "MQTT") return std::nullopt;
  return (level & ~kBridgeBit) < 5 ? ProtocolVersion::v3_1_1 : ProtocolVersion::v5;
}

}  // namespace patchbay::mqtt

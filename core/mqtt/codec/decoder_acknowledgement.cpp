#include "mqtt/codec/decoder.h"
#include "mqtt/codec/fixed_header.h"
#include "mqtt/codec/property_codec.h"

namespace patchbay::mqtt {
namespace {

constexpr const char* reason_clause(PacketType type) {
  switch (type) {
    case PacketType::puback:
      return "MQTT-3.4.2-1";
    case PacketType::pubrec:
      return "MQTT-3.5.2-1";
    case PacketType::pubrel:
      return "MQTT-3.6.2-1";
    default:
      return "MQTT-3.7.2-1";
  }
}

bool read_properties(BodyReader& reader, Acknowledgement& packet) {
  Properties properties;
  if (!decode_properties(reader, packet_bit(packet.type), properties)) return false;
  packet.block = properties.block;
  packet.user_property_count = properties.user_property_count;
  packet.has_reason_string = properties.has(PropertyId::reason_string);
  packet.reason_string = properties.reason_string;
  return reader.expect_end();
}

// 5.0 may leave out the reason code where it is success and there are no properties, and the property length where the
// packet ends behind the reason code.
bool read_reason_and_properties(BodyReader& reader, Sender sender, Acknowledgement& packet) {
  uint8_t code = 0;
  if (!reader.read_u8(code)) return false;
  packet.reason_code = static_cast<ReasonCode>(code);
  // [MQTT-3.4.2-1] [MQTT-3.5.2-1] [MQTT-3.6.2-1] [MQTT-3.7.2-1] one of the packet's own reason codes
  if (!may_carry(packet.type, sender, code)) return reader.protocol_error(reason_clause(packet.type));
  return reader.empty() || read_properties(reader, packet);
}

bool read_acknowledgement(BodyReader& reader, ProtocolVersion version, Sender sender, Acknowledgement& packet) {
  if (!reader.read_packet_id(packet.packet_id, "MQTT-2.2.1-5")) return false;
  if (reader.empty()) return true;
  if (version != ProtocolVersion::v5) return reader.expect_end();
  return read_reason_and_properties(reader, sender, packet);
}

}  // namespace

Decoded<Acknowledgement> decode_acknowledgement(uint8_t first_byte, Body body, ProtocolVersion version, Sender sender) {
  const PacketType type = packet_type_of(first_byte);
  PATCHBAY_ASSERT(type >= PacketType::puback && type <= PacketType::pubcomp);
  DecodeError error;
  BodyReader reader(body, error);
  Decoded<Acknowledgement> result{Acknowledgement{}};
  result->type = type;
  if (!check_flags(reader, first_byte, type, version) || !read_acknowledgement(reader, version, sender, *result)) {
    result = base::fail(error);
  }
  return result;
}

}  // namespace patchbay::mqtt

#include "mqtt/codec/decoder.h"
#include "mqtt/codec/fixed_header.h"
#include "mqtt/codec/property_codec.h"

namespace patchbay::mqtt {
namespace {

bool read_reason(BodyReader& reader, ProtocolVersion version, ReasonCode& reason) {
  uint8_t code = 0;
  if (!reader.read_u8(code)) return false;
  if (version == ProtocolVersion::v5) {
    reason = static_cast<ReasonCode>(code);
    // [MQTT-3.2.2-8] one of the connect reason codes
    return may_carry(PacketType::connack, Sender::server, code) || reader.protocol_error("MQTT-3.2.2-8");
  }
  const std::optional<ReasonCode> known = reason_code_from_return_code(code);
  if (!known) return reader.protocol_error("MQTT-3.2.2-8");
  reason = *known;
  return true;
}

bool read_connack(BodyReader& reader, ProtocolVersion version, Connack& packet) {
  uint8_t flags = 0;
  if (!reader.read_u8(flags)) return false;
  // 3.1 has no session present flag and leaves the whole byte unused.
  if (version == ProtocolVersion::v3_1) flags = 0;
  if ((flags & 0xFE) != 0) return reader.malformed("MQTT-3.2.2-1");  // [MQTT-3.2.2-1] bits 7 to 1 are 0
  packet.session_present = flags != 0;
  if (!read_reason(reader, version, packet.reason_code)) return false;
  if (packet.session_present && packet.reason_code != ReasonCode::success) {
    return reader.protocol_error("MQTT-3.2.2-6");  // [MQTT-3.2.2-6] no session with a failure
  }
  if (version == ProtocolVersion::v5 &&
      !decode_properties(reader, packet_bit(PacketType::connack), packet.properties)) {
    return false;
  }
  return reader.expect_end();
}

}  // namespace

Decoded<Connack> decode_connack(uint8_t first_byte, Body body, ProtocolVersion version) {
  DecodeError error;
  BodyReader reader(body, error);
  Decoded<Connack> result{Connack{}};
  if (!check_flags(reader, first_byte, PacketType::connack) || !read_connack(reader, version, *result)) {
    result = base::fail(error);
  }
  return result;
}

}  // namespace patchbay::mqtt

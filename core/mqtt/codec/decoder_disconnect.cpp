#include "mqtt/codec/decoder.h"
#include "mqtt/codec/fixed_header.h"
#include "mqtt/codec/property_codec.h"

namespace patchbay::mqtt {
namespace {

bool check_properties(BodyReader& reader, Sender sender, const Properties& properties) {
  // [MQTT-3.14.2-2] a server never sends the session expiry interval
  const bool is_forbidden = sender == Sender::server && properties.has(PropertyId::session_expiry_interval);
  return !is_forbidden || reader.protocol_error("MQTT-3.14.2-2");
}

// An empty body stands for normal disconnection; the property length may be left out behind the reason code.
bool read_disconnect(BodyReader& reader, ProtocolVersion version, Sender sender, Disconnect& packet) {
  if (version != ProtocolVersion::v5 || reader.empty()) return reader.expect_end();
  uint8_t code = 0;
  if (!reader.read_u8(code)) return false;
  packet.reason_code = static_cast<ReasonCode>(code);
  if (!may_carry(PacketType::disconnect, sender, code)) {
    return reader.protocol_error("MQTT-3.14.2-1");  // [MQTT-3.14.2-1] one of the reason codes of DISCONNECT
  }
  if (reader.empty()) return true;
  if (!decode_properties(reader, packet_bit(PacketType::disconnect), packet.properties)) return false;
  return check_properties(reader, sender, packet.properties) && reader.expect_end();
}

// An empty body stands for success without properties, section 3.15.2.1.
bool read_auth(BodyReader& reader, Sender sender, Auth& packet) {
  if (reader.empty()) return true;
  uint8_t code = 0;
  if (!reader.read_u8(code)) return false;
  packet.reason_code = static_cast<ReasonCode>(code);
  if (!may_carry(PacketType::auth, sender, code)) {
    return reader.protocol_error("MQTT-3.15.2-1");  // [MQTT-3.15.2-1] one of the reason codes of AUTH
  }
  if (!decode_properties(reader, packet_bit(PacketType::auth), packet.properties) || !reader.expect_end()) return false;
  return packet.properties.has(PropertyId::authentication_method) || reader.protocol_error("MQTT-3.15.2.2.2");
}

}  // namespace

Decoded<Disconnect> decode_disconnect(uint8_t first_byte, Body body, ProtocolVersion version, Sender sender) {
  DecodeError error;
  BodyReader reader(body, error);
  Decoded<Disconnect> result{Disconnect{}};
  if (!check_flags(reader, first_byte, PacketType::disconnect) || !read_disconnect(reader, version, sender, *result)) {
    result = base::fail(error);
  }
  return result;
}

Decoded<Auth> decode_auth(uint8_t first_byte, Body body, ProtocolVersion version, Sender sender) {
  DecodeError error;
  BodyReader reader(body, error);
  Decoded<Auth> result{Auth{}};
  if (version != ProtocolVersion::v5) {  // Type 15 is reserved before 5.0.
    reader.malformed("MQTT-2.1.2");
    return base::fail(error);
  }
  if (!check_flags(reader, first_byte, PacketType::auth) || !read_auth(reader, sender, *result))
    return base::fail(error);
  return result;
}

}  // namespace patchbay::mqtt

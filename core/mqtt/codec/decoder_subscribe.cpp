#include "mqtt/codec/decoder.h"
#include "mqtt/codec/fixed_header.h"
#include "mqtt/codec/property_codec.h"

namespace patchbay::mqtt {
namespace {

bool check_options(BodyReader& reader, ProtocolVersion version, uint8_t options) {
  const uint8_t reserved = version == ProtocolVersion::v5 ? 0xC0 : 0xFC;
  if ((options & reserved) != 0) return reader.malformed("MQTT-3.8.3-5");  // [MQTT-3.8.3-5] reserved bits
  if ((options & 0x03) == 3) {  // Section 3.8.3.1; before 5.0 the byte is then malformed. [MQTT3-3.8.3-4]
    return version == ProtocolVersion::v5 ? reader.protocol_error("MQTT-3.8.3.1") : reader.malformed("MQTT3-3.8.3-4");
  }
  if ((options & 0x30) == 0x30) return reader.protocol_error("MQTT-3.8.3.1");  // Retain handling 3.
  return true;
}

bool read_subscriptions(BodyReader& reader, ProtocolVersion version, SubscriptionList& list) {
  if (reader.empty()) return reader.protocol_error("MQTT-3.8.3-2");  // [MQTT-3.8.3-2] at least one filter
  list.bytes = reader.rest();
  while (!reader.empty()) {
    std::string_view topic_filter;
    uint8_t options = 0;
    if (!reader.read_utf8(topic_filter)) return false;  // [MQTT-3.8.3-1] UTF-8
    if (topic_filter.empty()) return reader.malformed("MQTT-4.7.3-1");
    if (!reader.read_u8(options) || !check_options(reader, version, options)) return false;
    ++list.count;
  }
  return true;
}

bool read_subscribe(BodyReader& reader, ProtocolVersion version, Subscribe& packet) {
  if (!reader.read_packet_id(packet.packet_id, "MQTT-2.2.1-3")) return false;
  if (version == ProtocolVersion::v5 &&
      !decode_properties(reader, packet_bit(PacketType::subscribe), packet.properties)) {
    return false;
  }
  return read_subscriptions(reader, version, packet.subscriptions);
}

bool is_suback_code(ProtocolVersion version, uint8_t code) {
  if (version == ProtocolVersion::v5) return may_carry(PacketType::suback, Sender::server, code);
  return code <= 2 || code == 0x80;
}

bool read_suback(BodyReader& reader, ProtocolVersion version, Suback& packet) {
  if (!reader.read_packet_id(packet.packet_id, "MQTT-2.2.1-6")) return false;
  if (version == ProtocolVersion::v5 && !decode_properties(reader, packet_bit(PacketType::suback), packet.properties)) {
    return false;
  }
  packet.reason_codes = reader.rest();
  if (reader.empty()) return reader.protocol_error("MQTT-3.9.3-1");  // [MQTT-3.9.3-1] one code per filter
  for (const uint8_t code : packet.reason_codes) {
    if (!is_suback_code(version, code)) return reader.protocol_error("MQTT-3.9.3-2");  // [MQTT-3.9.3-2]
  }
  return true;
}

}  // namespace

Decoded<Subscribe> decode_subscribe(uint8_t first_byte, Body body, ProtocolVersion version) {
  DecodeError error;
  BodyReader reader(body, error);
  Decoded<Subscribe> result{Subscribe{}};
  if (!check_flags(reader, first_byte, PacketType::subscribe, version) || !read_subscribe(reader, version, *result)) {
    result = base::fail(error);
  }
  return result;
}

Decoded<Suback> decode_suback(uint8_t first_byte, Body body, ProtocolVersion version) {
  DecodeError error;
  BodyReader reader(body, error);
  Decoded<Suback> result{Suback{}};
  if (!check_flags(reader, first_byte, PacketType::suback) || !read_suback(reader, version, *result)) {
    result = base::fail(error);
  }
  return result;
}

}  // namespace patchbay::mqtt

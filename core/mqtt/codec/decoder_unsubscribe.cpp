#include "mqtt/codec/decoder.h"
#include "mqtt/codec/fixed_header.h"
#include "mqtt/codec/property_codec.h"

namespace patchbay::mqtt {
namespace {

bool read_topic_filters(BodyReader& reader, TopicFilterList& list) {
  if (reader.empty()) return reader.protocol_error("MQTT-3.10.3-2");  // [MQTT-3.10.3-2] at least one filter
  list.bytes = reader.rest();
  while (!reader.empty()) {
    std::string_view topic_filter;
    if (!reader.read_utf8(topic_filter)) return false;  // [MQTT-3.10.3-1] UTF-8
    if (topic_filter.empty()) return reader.malformed("MQTT-4.7.3-1");
    ++list.count;
  }
  return true;
}

bool read_unsubscribe(BodyReader& reader, ProtocolVersion version, Unsubscribe& packet) {
  if (!reader.read_packet_id(packet.packet_id, "MQTT-2.2.1-3")) return false;
  if (version == ProtocolVersion::v5 &&
      !decode_properties(reader, packet_bit(PacketType::unsubscribe), packet.properties)) {
    return false;
  }
  return read_topic_filters(reader, packet.topic_filters);
}

bool read_unsuback(BodyReader& reader, ProtocolVersion version, Unsuback& packet) {
  if (!reader.read_packet_id(packet.packet_id, "MQTT-2.2.1-6")) return false;
  if (version != ProtocolVersion::v5) return reader.expect_end();
  if (!decode_properties(reader, packet_bit(PacketType::unsuback), packet.properties)) return false;
  packet.reason_codes = reader.rest();
  if (reader.empty()) return reader.protocol_error("MQTT-3.11.3-1");  // [MQTT-3.11.3-1] one code per filter
  for (const uint8_t code : packet.reason_codes) {
    if (may_carry(PacketType::unsuback, Sender::server, code)) continue;
    return reader.protocol_error("MQTT-3.11.3-2");  // [MQTT-3.11.3-2] one of the reason codes of UNSUBACK
  }
  return true;
}

}  // namespace

Decoded<Unsubscribe> decode_unsubscribe(uint8_t first_byte, Body body, ProtocolVersion version) {
  DecodeError error;
  BodyReader reader(body, error);
  Decoded<Unsubscribe> result{Unsubscribe{}};
  if (!check_flags(reader, first_byte, PacketType::unsubscribe, version) ||
      !read_unsubscribe(reader, version, *result)) {
    result = base::fail(error);
  }
  return result;
}

Decoded<Unsuback> decode_unsuback(uint8_t first_byte, Body body, ProtocolVersion version) {
  DecodeError error;
  BodyReader reader(body, error);
  Decoded<Unsuback> result{Unsuback{}};
  if (!check_flags(reader, first_byte, PacketType::unsuback) || !read_unsuback(reader, version, *result)) {
    result = base::fail(error);
  }
  return result;
}

}  // namespace patchbay::mqtt

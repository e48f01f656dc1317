#include "mqtt/codec/decoder.h"
#include "mqtt/codec/fixed_header.h"
#include "mqtt/codec/property_codec.h"

namespace patchbay::mqtt {
namespace {

constexpr uint8_t kRetainBit = 0x01;
constexpr uint8_t kDupBit = 0x08;

// The flags of the first byte, section 3.3.1.
bool read_flags(BodyReader& reader, uint8_t first_byte, Publish& packet) {
  const uint8_t qos = first_byte >> 1 & 0x03;
  packet.qos = static_cast<Qos>(qos);
  packet.dup = (first_byte & kDupBit) != 0;
  packet.retain = (first_byte & kRetainBit) != 0;
  if (qos == 3) return reader.malformed("MQTT-3.3.1-4");                // [MQTT-3.3.1-4] QoS 3
  if (packet.dup && qos == 0) return reader.malformed("MQTT-3.3.1-2");  // [MQTT-3.3.1-2] DUP with QoS 0
  return true;
}

// [MQTT-3.3.2-1] the topic name is UTF-8
bool read_topic_name(BodyReader& reader, std::string_view& topic) {
  uint8_t found = 0;
  if (!reader.read_topic(topic, found)) return false;
  if (found == 0) return true;
  return reader.fail(ReasonCode::topic_name_invalid, "MQTT-3.3.2-2");  // [MQTT-3.3.2-2] no wildcards
}

// Only a topic alias may stand for the name, section 3.3.2.1; before 5.0 there is none. [MQTT-4.7.3-1]
bool check_name_is_there(BodyReader& reader, ProtocolVersion version, const Publish& packet) {
  if (!packet.topic.empty()) return true;
  if (version != ProtocolVersion::v5) return reader.malformed("MQTT-4.7.3-1");
  return packet.properties.topic_alias != 0 || reader.protocol_error("MQTT-3.3.2.1");
}

bool read_publish_properties(BodyReader& reader, Sender sender, PublishProperties& properties) {
  if (!reader.empty() && reader.rest().front() == 0) return reader.skip_one();
  if (!decode_publish_properties(reader, properties)) return false;
  if (sender == Sender::server || !properties.has_subscription_identifier) return true;
  return reader.protocol_error("MQTT-3.3.4-6");  // [MQTT-3.3.4-6] never from client to server
}

bool read_publish(BodyReader& reader, uint8_t first_byte, ProtocolVersion version, Sender sender, Publish& packet) {
  if (!read_flags(reader, first_byte, packet)) return false;
  if (!read_topic_name(reader, packet.topic)) return false;
  if (packet.qos != Qos::at_most_once && !reader.read_packet_id(packet.packet_id, "MQTT-2.2.1-3")) return false;
  if (version == ProtocolVersion::v5 && !read_publish_properties(reader, sender, packet.properties)) return false;
  packet.payload = reader.rest();
  return check_name_is_there(reader, version, packet);
}

}  // namespace

Decoded<Publish> decode_publish(uint8_t first_byte, Body body, ProtocolVersion version, Sender sender) {
  PATCHBAY_ASSERT(packet_type_of(first_byte) == PacketType::publish);
  DecodeError error;
  BodyReader reader(body, error);
  Decoded<Publish> result{Publish{}};
  // One variable for both outcomes, so that it is built where the caller wants it and never copied.
  if (!read_publish(reader, first_byte, version, sender, *result)) result = base::fail(error);
  return result;
}

}  // namespace patchbay::mqtt

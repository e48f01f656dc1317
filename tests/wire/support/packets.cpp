#include "wire/support/packets.h"

#include <stdexcept>

#include "wire/support/fields.h"

namespace patchbay::wire {
namespace {

constexpr uint8_t kVersion5 = 5;

void require_type(const Packet& packet, std::initializer_list<uint8_t> types) {
  for (const uint8_t type : types) {
    if (packet.type == type) return;
  }
  throw std::runtime_error("the broker sent a packet of type " + std::to_string(packet.type));
}

void require_end(std::string_view rest) {
  if (!rest.empty()) throw std::runtime_error("the broker sent a packet with bytes behind its last field");
}

uint8_t connect_flags(const ConnectOptions& options) {
  unsigned flags = options.clean_start ? 0x02 : 0;
  if (options.will) flags |= 0x04u | unsigned{options.will->qos} << 3 | (options.will->retain ? 0x20u : 0);
  if (options.password) flags |= 0x40;
  if (options.user_name) flags |= 0x80;
  return static_cast<uint8_t>(flags);
}

}  // namespace

Bytes packet(uint8_t first_byte, std::string_view body) {
  return static_cast<char>(first_byte) + variable_byte_integer(body.size()) + Bytes(body);
}

Bytes connect_packet(const ConnectOptions& options) {
  Bytes body = field(options.version == 3 ? "MQIsdp" : "MQTT");
  body += static_cast<char>(options.version);
  body += static_cast<char>(connect_flags(options));
  body += two_bytes(options.keep_alive_s);
  if (options.version == kVersion5) body += options.properties.encoded();
  body += field(options.client_id);
  if (options.will) {
    if (options.version == kVersion5) body += options.will->properties.encoded();
    body += field(options.will->topic) + field(options.will->payload);
  }
  if (options.user_name) body += field(*options.user_name);
  if (options.password) body += field(*options.password);
  return packet(packet_type::kConnect << 4, body);
}

Bytes publish_packet(uint8_t version, const Publish& publish) {
  Bytes body = field(publish.topic);
  if (publish.qos > 0) body += two_bytes(publish.packet_id);
  if (version == kVersion5) body += publish.properties.encoded();
  body += publish.payload;
  const unsigned flags = (publish.dup ? 8u : 0) | unsigned{publish.qos} << 1 | (publish.retain ? 1u : 0);
  return packet(static_cast<uint8_t>(packet_type::kPublish << 4 | flags), body);
}

Bytes acknowledgement_packet(uint8_t version, uint8_t type, uint16_t packet_id, uint8_t reason_code) {
  Bytes body = two_bytes(packet_id);
  if (version == kVersion5 && reason_code != 0) body += static_cast<char>(reason_code);
  const uint8_t flags = type == packet_type::kPubrel ? 2 : 0;
  return packet(static_cast<uint8_t>(type << 4 | flags), body);
}

Bytes subscribe_packet(uint8_t version, uint16_t packet_id, const std::vector<Subscription>& subscriptions,
                       const Properties& properties) {
  Bytes body = two_bytes(packet_id);
  if (version == kVersion5) body += properties.encoded();
  for (const Subscription& each : subscriptions) body += field(each.topic_filter) + static_cast<char>(each.options);
  return packet(packet_type::kSubscribe << 4 | 2, body);
}

Bytes unsubscribe_packet(uint8_t version, uint16_t packet_id, const std::vector<std::string>& topic_filters) {
  Bytes body = two_bytes(packet_id);
  if (version == kVersion5) body += Properties().encoded();
  for (const std::string& each : topic_filters) body += field(each);
  return packet(packet_type::kUnsubscribe << 4 | 2, body);
}

Bytes pingreq_packet() {
  return packet(packet_type::kPingreq << 4, {});
}

Bytes disconnect_packet(uint8_t version, uint8_t reason_code, const Properties& properties) {
  Bytes body;
  if (version == kVersion5 && (reason_code != 0 || properties.size() > 0)) {
    body += static_cast<char>(reason_code);
    body += properties.encoded();
  }
  return packet(packet_type::kDisconnect << 4, body);
}

Connack read_connack(uint8_t version, const Packet& packet) {
  require_type(packet, {packet_type::kConnack});
  std::string_view rest = packet.body;
  Connack connack;
  connack.session_present = take_number(rest, 1) == 1;
  connack.reason_code = static_cast<uint8_t>(take_number(rest, 1));
  if (version == kVersion5) connack.properties = Properties::take(rest);
  require_end(rest);
  return connack;
}

Publish read_publish(uint8_t version, const Packet& packet) {
  require_type(packet, {packet_type::kPublish});
  std::string_view rest = packet.body;
  Publish publish;
  publish.dup = (packet.flags & 8) != 0;
  publish.qos = packet.flags >> 1 & 3;
  publish.retain = (packet.flags & 1) != 0;
  publish.topic = take_field(rest);
  if (publish.qos > 0) publish.packet_id = static_cast<uint16_t>(take_number(rest, 2));
  if (version == kVersion5) publish.properties = Properties::take(rest);
  publish.payload = rest;
  return publish;
}

Acknowledgement read_acknowledgement(uint8_t version, const Packet& packet) {
  using namespace packet_type;
  require_type(packet, {kPuback, kPubrec, kPubrel, kPubcomp, kSuback, kUnsuback});
  std::string_view rest = packet.body;
  Acknowledgement acknowledgement;
  acknowledgement.packet_id = static_cast<uint16_t>(take_number(rest, 2));
  if (packet.type == kSuback || packet.type == kUnsuback) {
    if (version == kVersion5) acknowledgement.properties = Properties::take(rest);
    for (const char code : rest) acknowledgement.reason_codes.push_back(static_cast<uint8_t>(code));
    return acknowledgement;
  }
  acknowledgement.reason_codes.push_back(rest.empty() ? 0 : static_cast<uint8_t>(take_number(rest, 1)));
  if (!rest.empty()) acknowledgement.properties = Properties::take(rest);
  require_end(rest);
  return acknowledgement;
}

Disconnect read_disconnect(const Packet& packet) {
  require_type(packet, {packet_type::kDisconnect});
  std::string_view rest = packet.body;
  Disconnect disconnect;
  if (!rest.empty()) disconnect.reason_code = static_cast<uint8_t>(take_number(rest, 1));
  if (!rest.empty()) disconnect.properties = Properties::take(rest);
  require_end(rest);
  return disconnect;
}

}  // namespace patchbay::wire

// What the broker answers: CONNACK, SUBACK, UNSUBACK, DISCONNECT, AUTH, PINGRESP, and PUBACK with its siblings while
// somebody listens at reply.out. A hook may add a reason string and user properties and choose another reason code of
// the same class; what the client must not get, or has no room for, stays behind.

#include <utility>
#include <vector>

#include "hooks/dispatch.h"
#include "hooks/hook_points.h"
#include "mqtt/codec/property_codec.h"
#include "session/mqtt_machine.h"
#include "session/session.h"

namespace patchbay::session {

using mqtt::PacketType;
using mqtt::PropertyId;
using mqtt::ReasonCode;

namespace {

[[nodiscard]] hooks::ReplyOutEvent event_of(PacketType type, ReasonCode reason, uint16_t packet_id = 0) {
  hooks::ReplyOutEvent event;
  event.packet_type = type;
  event.reason = reason;
  event.packet_id = packet_id;
  return event;
}

template <class Packet>
[[nodiscard]] ReasonCode first_of(const Packet& packet) {
  return packet.reason_codes.empty() ? ReasonCode::success : static_cast<ReasonCode>(packet.reason_codes.front());
}

[[nodiscard]] std::vector<uint8_t> block_of(const hooks::ReplyOutEvent& event) {
  std::vector<uint8_t> block;
  for (const auto& [name, value] : event.user_properties) mqtt::append_user_property(block, name, value);
  return block;
}

}  // namespace

bool MqttMachine::replies_are_offered() const {
  return !environment_.hooks.reply_out.empty() && is_v5();
}

bool MqttMachine::ask_reply_out(hooks::ReplyOutEvent& event) const {
  event.client = client_.get();
  hooks::transform(environment_.hooks.reply_out, environment_.deferrals, event);
  if (!event.replaced) return false;
  // [MQTT-3.1.2-29] a client that wants no problem information gets it in CONNACK and DISCONNECT at most
  const bool always = event.packet_type == PacketType::connack || event.packet_type == PacketType::disconnect;
  if (!always && !request_problem_information_) {
    event.reason_string.clear();
    event.user_properties.clear();
  }
  return true;
}

template <class Packet>
bool MqttMachine::write(const Packet& packet) {
  const size_t size = mqtt::encoded_size(packet, version_);
  if (size > client_maximum_packet_size_) return false;  // [MQTT-3.1.2-24]
  uint8_t* room = port_.output().reserve(port_.pool(), size);
  port_.output().commit(mqtt::encode(packet, version_, {room, size}));
  port_.output_added();
  packet_sent({room, size}, size);
  return true;
}

void MqttMachine::reply_too_large() {
  environment_.shard.count(base::Counter::connections_closed_reply_too_large);
  refuse(ReasonCode::packet_too_large, "MQTT-3.1.2-24", CloseReason::limit);
}

template <class Packet>
bool MqttMachine::offer(Packet packet, hooks::ReplyOutEvent& event) {
  event.reason_string = packet.properties.reason_string;
  if (!ask_reply_out(event)) return write(packet);
  if constexpr (requires { packet.reason_code; }) packet.reason_code = event.reason;
  packet.properties.unset(PropertyId::reason_string);
  if (!event.reason_string.empty())
    packet.properties.set(PropertyId::reason_string, std::string_view(event.reason_string));
  const std::vector<uint8_t> block = block_of(event);
  packet.properties.set_user_properties(block, static_cast<uint32_t>(event.user_properties.size()));
  // [MQTT-3.2.2-19], [MQTT-3.2.2-20], [MQTT-3.9.2-1], [MQTT-3.11.2-2], [MQTT-3.14.2-3], [MQTT-3.14.2-4],
  // [MQTT-3.15.2-2]
  if (mqtt::encoded_size(packet, version_) > client_maximum_packet_size_) packet.properties.set_user_properties({}, 0);
  if (mqtt::encoded_size(packet, version_) > client_maximum_packet_size_)
    packet.properties.unset(PropertyId::reason_string);
  return write(packet);
}

bool MqttMachine::reply(const mqtt::Connack& connack) {
  if (!replies_are_offered()) return write(connack);
  hooks::ReplyOutEvent event = event_of(PacketType::connack, connack.reason_code);
  return offer(connack, event);
}

bool MqttMachine::reply(const mqtt::Disconnect& disconnect) {
  if (!replies_are_offered()) return write(disconnect);
  hooks::ReplyOutEvent event = event_of(PacketType::disconnect, disconnect.reason_code);
  return offer(disconnect, event);
}

bool MqttMachine::reply(const mqtt::Auth& auth) {
  if (!replies_are_offered()) return write(auth);
  hooks::ReplyOutEvent event = event_of(PacketType::auth, auth.reason_code);
  return offer(auth, event);
}

bool MqttMachine::reply(const mqtt::Suback& suback) {
  if (!replies_are_offered()) return write(suback);
  hooks::ReplyOutEvent event = event_of(PacketType::suback, first_of(suback), suback.packet_id);
  return offer(suback, event);
}

bool MqttMachine::reply(const mqtt::Unsuback& unsuback) {
  if (!replies_are_offered()) return write(unsuback);
  hooks::ReplyOutEvent event = event_of(PacketType::unsuback, first_of(unsuback), unsuback.packet_id);
  return offer(unsuback, event);
}

bool MqttMachine::reply(const mqtt::Pingresp& pingresp) {
  return write(pingresp);
}

void MqttMachine::offer_acknowledgement(PacketType type, uint16_t packet_id, ReasonCode reason) {
  hooks::ReplyOutEvent event = event_of(type, reason, packet_id);
  static_cast<void>(ask_reply_out(event));
  mqtt::Acknowledgement packet;
  packet.type = type;
  packet.packet_id = packet_id;
  packet.reason_code = event.reason;
  packet.has_reason_string = !event.reason_string.empty();
  packet.reason_string = event.reason_string;
  const std::vector<uint8_t> block = block_of(event);
  packet.block = block;
  packet.user_property_count = static_cast<uint32_t>(event.user_properties.size());
  // [MQTT-3.4.2-2], [MQTT-3.4.2-3] and the same of PUBREC, PUBREL and PUBCOMP
  if (mqtt::encoded_size(packet, version_) > client_maximum_packet_size_) packet.user_property_count = 0;
  if (mqtt::encoded_size(packet, version_) > client_maximum_packet_size_) packet.has_reason_string = false;
  write(packet);  // without both it is smaller than the CONNACK that the client took
}

}  // namespace patchbay::session

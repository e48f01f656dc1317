// auth.connect_rewrite: a CONNECT may be taken for another one before anything is decided about it. What comes out is
// encoded as a CONNECT of its own, so that every rule that follows reads it as if the client had sent it.

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "base/utf8.h"
#include "hooks/dispatch.h"
#include "hooks/hook_points.h"
#include "mqtt/codec/decoder.h"
#include "mqtt/codec/encoder.h"
#include "mqtt/codec/packet_framer.h"
#include "mqtt/codec/property_codec.h"
#include "session/connect_client.h"
#include "session/connect_luggage.h"
#include "session/mqtt_machine.h"
#include "session/mqtt_progress.h"

namespace patchbay::session {

using mqtt::ReasonCode;

namespace {

constexpr size_t kMaximumText = 65'535;

bool is_text(std::string_view text) {
  return text.size() <= kMaximumText && base::is_clean_utf8(text);
}

/// Whether the fields can stand in a packet at all; what the standard and our limits say of them is checked later.
bool can_be_sent(const hooks::ConnectRewriteEvent& event, const mqtt::Connect& connect) {
  const bool before_v5 = connect.version != mqtt::ProtocolVersion::v5;
  if (before_v5 && event.has_password && !event.has_username) return false;  // [MQTT-3.1.2-22 of 3.1.1]
  return is_text(event.client_id) && is_text(event.username) && event.password.size() <= kMaximumText &&
         std::all_of(event.user_properties.begin(), event.user_properties.end(),
                     [](const auto& pair) { return is_text(pair.first) && is_text(pair.second); });
}

/// The body of `connect` with the fields that the event has now.
std::vector<uint8_t> body_of(mqtt::Connect connect, const hooks::ConnectRewriteEvent& event) {
  connect.client_id = event.client_id;
  connect.user_name = event.username;
  connect.has_user_name = event.has_username;
  connect.password = {reinterpret_cast<const char*>(event.password.data()), event.password.size()};
  connect.has_password = event.has_password;
  connect.clean_start = event.clean_start;
  connect.keep_alive_s = event.keep_alive_s;
  std::vector<uint8_t> block;
  for (const auto& [name, value] : event.user_properties) mqtt::append_user_property(block, name, value);
  connect.properties.set_user_properties(block, static_cast<uint32_t>(event.user_properties.size()));
  std::vector<uint8_t> packet(mqtt::encoded_size(connect));
  mqtt::encode(connect, packet);
  const mqtt::Frame frame = mqtt::frame_next(packet, static_cast<uint32_t>(packet.size()));
  PATCHBAY_ASSERT(frame.status == mqtt::Frame::Status::complete);
  return {frame.body.begin(), frame.body.end()};
}

hooks::ConnectRewriteEvent event_of(const mqtt::Connect& connect) {
  hooks::ConnectRewriteEvent event;
  event.client_id = connect.client_id;
  event.username = connect.user_name;
  event.has_username = connect.has_user_name;
  event.password = {reinterpret_cast<const uint8_t*>(connect.password.data()), connect.password.size()};
  event.has_password = connect.has_password;
  event.clean_start = connect.clean_start;
  event.keep_alive_s = connect.keep_alive_s;
  mqtt::UserProperty property;
  for (mqtt::UserPropertyReader reader = connect.properties.user_properties(); reader.next(property);) {
    event.user_properties.emplace_back(property.name, property.value);
  }
  return event;
}

}  // namespace

bool MqttMachine::rewrite_connect(uint8_t first_byte, Body body, const mqtt::Connect& connect) {
  ConnectProgress& progress = *parts_->connect;
  progress.client_id = connect.client_id;
  progress.username = connect.user_name;
  progress.first_byte = first_byte;
  progress.packet.assign(body.begin(), body.end());
  client_ =
      access::ClientInfo::create(client_info_fields(connect, progress, port_.peer(), environment_.shard.now_unix_ms));
  hooks::ConnectRewriteEvent event = event_of(connect);
  event.client = client_.get();
  if (!hooks::run(environment_.hooks.auth_connect_rewrite, environment_.deferrals, event, progress.rewriting)) {
    rewriting_ = true;
    wait_for_answer();
    return false;
  }
  take_rewrite(connect, event);
  return state_ != State::closing;
}

void ConnectProgress::rewritten(void* self, hooks::ConnectRewriteEvent& event) {
  auto& progress = *static_cast<ConnectProgress*>(self);
  MqttMachine& machine = progress.machine;
  machine.rewriting_ = false;
  const std::vector<uint8_t> packet = std::move(progress.packet);  // a refusal ends the progress
  const auto decoded = mqtt::decode_connect(progress.first_byte, packet);
  PATCHBAY_ASSERT(decoded.has_value());  // it was decoded before
  machine.take_rewrite(*decoded, event);
  machine.answer_came();
}

void MqttMachine::take_rewrite(const mqtt::Connect& connect, const hooks::ConnectRewriteEvent& event) {
  if (event.denied) return refuse_connect(event.reason, "auth.connect_rewrite");
  if (!can_be_sent(event, connect)) {
    return refuse_connect(ReasonCode::implementation_specific_error, "auth.connect_rewrite: not a CONNECT");
  }
  auto luggage = std::make_unique<ConnectLuggage>();
  if (event.replaced) luggage->packet = body_of(connect, event);
  luggage->sent_client_id = connect.client_id;
  luggage->sent_keep_alive_s = connect.keep_alive_s;
  port_.pack(std::move(luggage));
}

}  // namespace patchbay::session

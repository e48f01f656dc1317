// AUTH (MQTT 5.0 sections 3.15 and 4.12): the exchange that a method needs, at CONNECT and for re-authentication later.
// Which methods exist is the business of the access chain; without one every method is refused with 0x8C.

#include <utility>

#include "mqtt/codec/decoder.h"
#include "session/mqtt_machine.h"
#include "session/mqtt_progress.h"
#include "session/session.h"

namespace patchbay::session {

using mqtt::PropertyId;
using mqtt::ReasonCode;

void MqttMachine::handle_auth(uint8_t first_byte, Body body) {
  if (!is_v5()) return refuse(ReasonCode::malformed_packet, "MQTT-2.1.2");  // type 15 is reserved before 5.0
  const auto decoded = mqtt::decode_auth(first_byte, body, version_);
  if (!decoded) return refuse(decoded.error());
  const mqtt::Auth& auth = *decoded;
  if (!parts_ || !parts_->exchange || auth.properties.authentication_method != parts_->exchange->method) {
    return refuse(ReasonCode::protocol_error,
                  "MQTT-4.12.0-5");  // [MQTT-4.12.0-5], [MQTT-4.12.1-1] the method of CONNECT; [MQTT-4.12.0-7] or none
  }
  const bool starts = auth.reason_code == ReasonCode::re_authenticate;
  const bool in_place = starts ? state_ == State::connected && !parts_->exchange->running : parts_->exchange->running;
  if (!in_place) return refuse(ReasonCode::protocol_error, "MQTT-4.12.0-3");  // [MQTT-4.12.0-3] nobody asked for it
  if (starts) {
    parts_->exchange->re_authentication = true;
    parts_->exchange->step = 0;
    parts_->exchange->exchange_id = environment_.access.new_exchange_id();
  }
  enhanced_step(auth.properties.authentication_data);
}

void MqttMachine::enhanced_step(std::string_view data) {
  parts_->exchange->running = true;
  access::EnhancedAuthenticationEvent step;
  step.client = client_;
  if (parts_->connect) step.credentials = parts_->connect->credentials;
  step.authentication_method = parts_->exchange->method;
  step.authentication_data = {reinterpret_cast<const uint8_t*>(data.data()), data.size()};
  step.step = parts_->exchange->step++;
  step.re_authentication = parts_->exchange->re_authentication;
  step.exchange_id = parts_->exchange->exchange_id;
  auto result = environment_.access.authenticate_step(std::move(step), parts_->exchange->pending);
  if (!result) return wait_for_answer();
  enhanced_answer(*result);
}

void EnhancedExchange::answered(void* self, access::EnhancedAuthenticationEvent& event) {
  MqttMachine& machine = static_cast<EnhancedExchange*>(self)->machine;
  machine.answer_came();
  access::EnhancedResult result = std::move(event.result);
  machine.enhanced_answer(result);
}

void MqttMachine::enhanced_answer(access::EnhancedResult& result) {
  const std::string_view data(reinterpret_cast<const char*>(result.data.data()), result.data.size());
  if (result.outcome == access::EnhancedOutcome::denied) {
    return refuse(result.authentication.reason, "MQTT-4.12.0-4",
                  CloseReason::not_authorized);  // [MQTT-4.12.0-1], [MQTT-4.12.0-4], [MQTT-4.12.1-2]
  }
  if (result.outcome == access::EnhancedOutcome::proceed_with_data) {
    return send_auth(ReasonCode::continue_authentication, data);  // [MQTT-4.12.0-2]
  }
  parts_->exchange->running = false;
  if (state_ == State::connected) {
    // Re-authentication keeps the session: only the same identity may go on.
    if (!result.authentication.identity.empty() && result.authentication.identity != client_->identity()) {
      return refuse(ReasonCode::not_authorized, "MQTT-4.12.1", CloseReason::not_authorized);
    }
    const access::ClientInfoRef before = client_;
    client_ = access::admit(before->fields(), std::move(result.authentication));
    session_->set_client(client_);
    if (parts_->publish) parts_->publish->authorization.clear_cache();
    return send_auth(ReasonCode::success, data);
  }
  parts_->connect->result = std::move(result.authentication);
  parts_->connect->authentication_data = std::move(result.data);
  parts_->connect->resume();
}

void MqttMachine::send_auth(ReasonCode reason, std::string_view data) {
  mqtt::Auth auth;
  auth.reason_code = reason;
  auth.properties.set(PropertyId::authentication_method, parts_->exchange->method);
  if (!data.empty()) auth.properties.set(PropertyId::authentication_data, data);
  reply(auth);
}

}  // namespace patchbay::session

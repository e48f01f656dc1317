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
  if (!exchange_ || auth.properties.authentication_method != exchange_->method) {
    return refuse(ReasonCode::protocol_error,
                  "MQTT-4.12.0-5");  // [MQTT-4.12.0-5], [MQTT-4.12.1-1] the method of CONNECT; [MQTT-4.12.0-7] or none
  }
  const bool starts = auth.reason_code == ReasonCode::re_authenticate;
  const bool in_place = starts ? state_ == State::connected && !exchange_->running : exchange_->running;
  if (!in_place) return refuse(ReasonCode::protocol_error, "MQTT-4.12.0-3");  // [MQTT-4.12.0-3] nobody asked for it
  if (starts) {
    exchange_->re_authentication = true;
    exchange_->step = 0;
    exchange_->exchange_id = environment_.access.new_exchange_id();
  }
  enhanced_step(auth.properties.authentication_data);
}

void MqttMachine::enhanced_step(std::string_view data) {
  exchange_->running = true;
  access::EnhancedAuthenticationEvent step;
  step.client = client_;
  if (connect_) step.credentials = connect_->credentials;
  step.authentication_method = exchange_->method;
  step.authentication_data = {reinterpret_cast<const uint8_t*>(data.data()), data.size()};
  step.step = exchange_->step++;
  step.re_authentication = exchange_->re_authentication;
  step.exchange_id = exchange_->exchange_id;
  auto result = environment_.access.authenticate_step(std::move(step), exchange_->pending);
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
  exchange_->running = false;
  if (state_ == State::connected) {
    // Re-authentication keeps the session: only the same identity may go on.
    if (!result.authentication.identity.empty() && result.authentication.identity != client_->identity()) {
      return refuse(ReasonCode::not_authorized, "MQTT-4.12.1", CloseReason::not_authorized);
    }
    const access::ClientInfoRef before = client_;
    client_ = access::admit(before->fields(), std::move(result.authentication));
    session_->set_client(client_);
    if (publish_) publish_->authorization.clear_cache();
    return send_auth(ReasonCode::success, data);
  }
  connect_->result = std::move(result.authentication);
  connect_->authentication_data = std::move(result.data);
  connect_->resume();
}

void MqttMachine::send_auth(ReasonCode reason, std::string_view data) {
  mqtt::Auth auth;
  auth.reason_code = reason;
  auth.properties.set(PropertyId::authentication_method, exchange_->method);
  if (!data.empty()) auth.properties.set(PropertyId::authentication_data, data);
  reply(auth);
}

}  // namespace patchbay::session

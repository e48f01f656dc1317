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
  environment_.shard.count(base::Counter::packets_auth_received);
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
    parts_->exchange->asked_at_ms = environment_.shard.now_ms;
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
    const bool again = state_ == State::connected;
    tell_auth_result(result.authentication, again ? parts_->exchange->asked_at_ms : parts_->connect->asked_at_ms);
    return refuse(result.authentication.reason, "MQTT-4.12.0-4",
                  CloseReason::not_authorized);  // [MQTT-4.12.0-1], [MQTT-4.12.0-4], [MQTT-4.12.1-2]
  }
  if (result.outcome == access::EnhancedOutcome::proceed_with_data) {
    return send_auth(ReasonCode::continue_authentication, data);  // [MQTT-4.12.0-2]
  }
  parts_->exchange->running = false;
  if (state_ == State::connected) return re_authenticated(result);
  parts_->connect->result = std::move(result.authentication);
  parts_->connect->authentication_data = std::move(result.data);
  parts_->connect->resume();
}

void MqttMachine::re_authenticated(access::EnhancedResult& result) {
  parts_->exchange->last_data = std::move(result.data);
  const auto& point = environment_.hooks.auth_enrich;
  if (point.empty()) return finish_re_authentication(std::move(result.authentication));
  hooks::EnrichEvent event(*client_, std::move(result.authentication));
  if (!hooks::run(point, environment_.deferrals, event, parts_->exchange->enriching)) return wait_for_answer();
  finish_re_authentication(event.outcome());
}

void EnhancedExchange::enriched(void* self, hooks::EnrichEvent& event) {
  MqttMachine& machine = static_cast<EnhancedExchange*>(self)->machine;
  machine.answer_came();
  machine.finish_re_authentication(event.outcome());
}

void MqttMachine::finish_re_authentication(access::AuthenticateResult result) {
  // Re-authentication keeps the session: only the same identity may go on.
  const bool another = !result.identity.empty() && result.identity != client_->identity();
  if (result.allowed && another) {
    result = access::deny_authentication(ReasonCode::not_authorized);
  }
  tell_auth_result(result, parts_->exchange->asked_at_ms);
  if (!result.allowed) return refuse(result.reason, "MQTT-4.12.1", CloseReason::not_authorized);  // [MQTT-4.12.1-2]
  if (result.allowance.is_set()) port_.set_allowance(result.allowance);
  const access::ClientInfoRef before = client_;
  client_ = access::admit(before->fields(), std::move(result));
  session_->set_client(client_);
  forget_decisions();
  watch_credentials();
  const std::vector<uint8_t> data = std::move(parts_->exchange->last_data);
  send_auth(ReasonCode::success, {reinterpret_cast<const char*>(data.data()), data.size()});
}

void MqttMachine::watch_credentials() {
  const uint64_t end_ms = client_->expires_at_unix_ms();
  if (end_ms == 0) {
    if (parts_) parts_->credentials_end.reset();
    return;
  }
  auto& end = parts().credentials_end;
  if (end == nullptr) end = std::make_unique<CredentialsEnd>();
  end->timer.bind(&MqttMachine::credentials_ended, this);
  const uint64_t now_ms = environment_.shard.now_unix_ms;
  environment_.shard.start(end->timer, end_ms > now_ms ? end_ms - now_ms : 0);
}

void MqttMachine::credentials_ended(void* self) {
  auto& machine = *static_cast<MqttMachine*>(self);
  if (machine.state_ != State::connected) return;
  machine.refuse(ReasonCode::maximum_connect_time, "credentials have ended", CloseReason::not_authorized);
}

void MqttMachine::send_auth(ReasonCode reason, std::string_view data) {
  mqtt::Auth auth;
  auth.reason_code = reason;
  auth.properties.set(PropertyId::authentication_method, parts_->exchange->method);
  if (!data.empty()) auth.properties.set(PropertyId::authentication_data, data);
  if (!reply(auth)) reply_too_large();
}

}  // namespace patchbay::session

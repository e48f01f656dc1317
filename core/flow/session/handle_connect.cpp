// CONNECT (MQTT 5.0 section 3.1): check -> client id -> home shard -> authenticate -> session -> CONNACK.
//
// The connection moves to the home shard of its client id before anything is decided about it; there CONNECT is read
// again. While an answer about the client is awaited, only a copy of the CONNECT is kept.

#include <algorithm>
#include <cstdio>
#include <utility>

#include "access/placeholders.h"
#include "base/log.h"
#include "distribution/fan_out.h"
#include "hooks/dispatch.h"
#include "hooks/hook_points.h"
#include "mqtt/codec/decoder.h"
#include "session/connect_client.h"
#include "session/connect_luggage.h"
#include "session/mqtt_machine.h"
#include "session/mqtt_progress.h"
#include "session/sendable_reason.h"
#include "session/session.h"
#include "session/session_observers.h"
#include "session/session_registry.h"
#include "session/topic_alias_map.h"
#include "topic/topic_name.h"

namespace patchbay::session {

using base::Counter;
using mqtt::PropertyId;
using mqtt::ProtocolVersion;
using mqtt::Qos;
using mqtt::ReasonCode;

void MqttMachine::handle_connect(uint8_t first_byte, Body body) {
  if (const auto version = mqtt::peek_protocol_version(body)) version_ = *version;
  parts().connect = std::make_unique<ConnectProgress>(*this);  // from here on a refusal is told by CONNACK
  const auto* rewritten = static_cast<const ConnectLuggage*>(port_.luggage());
  if (rewritten != nullptr && !rewritten->packet.empty()) body = rewritten->packet;
  const auto decoded = mqtt::decode_connect(first_byte, body);
  if (!decoded) return refuse(decoded.error());
  version_ = decoded->version;
  is_bridge_ = decoded->is_bridge;
  client_maximum_packet_size_ = decoded->properties.maximum_packet_size;  // holds for a refusal, too [MQTT-3.1.2-24]
  request_problem_information_ = decoded->properties.request_problem_information != 0;
  if (rewritten == nullptr && !environment_.hooks.auth_connect_rewrite.empty()) {
    if (rewrite_connect(first_byte, body, *decoded)) handle_connect(first_byte, body);
    return;
  }
  parts_->connect->sent_client_id = rewritten == nullptr ? decoded->client_id : rewritten->sent_client_id;
  parts_->connect->sent_keep_alive_s = rewritten == nullptr ? decoded->keep_alive_s : rewritten->sent_keep_alive_s;
  if (!choose_client_id(*decoded) || !check_connect(*decoded)) return;
  const base::ShardId home = home_shard(parts_->connect->client_id, environment_.fan_out.shard_count());
  if (home != environment_.shard.id) {
    moving_ = true;
    timer_.stop();
    return port_.move_to(home);
  }
  environment_.shard.count(Counter::packets_connect);
  parts_->connect->first_byte = first_byte;
  parts_->connect->packet.assign(body.begin(), body.end());
  authenticate(*decoded);
}

bool MqttMachine::choose_client_id(const mqtt::Connect& connect) {
  parts_->connect->username = effective_username(connect, port_.peer());
  const ClientIdChoice choice =
      choose_client_identifier(connect, parts_->connect->username, port_.peer(), environment_);
  if (choice.reason != ReasonCode::success) {
    refuse_connect(choice.reason, choice.clause);
    return false;
  }
  parts_->connect->client_id = choice.client_id;
  parts_->connect->client_id_assigned = choice.assigned;
  return true;
}

bool MqttMachine::check_connect(const mqtt::Connect& connect) {
  const ConnectProblem problem = connect_problem(connect, *environment_.limits);
  if (problem.reason == ReasonCode::success) return true;
  refuse_connect(problem.reason, problem.clause);
  return false;
}

void MqttMachine::authenticate(const mqtt::Connect& connect) {
  access::ClientInfoFields fields =
      client_info_fields(connect, *parts_->connect, port_.peer(), environment_.shard.now_unix_ms);
  if (const ProtocolAdapter* adapter = port_.adapter(); adapter != nullptr) {
    fields.protocol_name = adapter->protocol_name;
    fields.protocol_version = adapter->protocol_version;
  }
  client_ = access::ClientInfo::create(fields);
  parts_->connect->asked_at_ms = environment_.shard.now_ms;
  parts_->connect->credentials = credentials_of(connect, *parts_->connect, port_.peer());
  if (connect.properties.has(PropertyId::authentication_method)) {
    parts_->exchange = std::make_unique<EnhancedExchange>(*this);
    parts_->exchange->method = connect.properties.authentication_method;
    parts_->exchange->exchange_id = environment_.access.new_exchange_id();
    state_ = State::authenticating;
    return enhanced_step(connect.properties.authentication_data);
  }
  auto result = environment_.access.authenticate({client_, parts_->connect->credentials, {}, false},
                                                 parts_->connect->authentication);
  if (!result) {
    state_ = State::authenticating;
    return wait_for_answer();
  }
  parts_->connect->result = std::move(*result);
  finish_connect(connect);
}

void ConnectProgress::answered(void* self, access::AuthenticateEvent& event) {
  auto& progress = *static_cast<ConnectProgress*>(self);
  progress.result = std::move(event.result);
  progress.machine.answer_came();
  progress.resume();
}

void ConnectProgress::resume() {
  const auto decoded = mqtt::decode_connect(first_byte, packet);
  PATCHBAY_ASSERT(decoded.has_value());  // it was decoded before
  machine.finish_connect(*decoded);
}

void MqttMachine::finish_connect(const mqtt::Connect& connect) {
  const auto& point = environment_.hooks.auth_enrich;
  if (parts_->connect->result->allowed && !point.empty()) {
    hooks::EnrichEvent event(*client_, std::move(*parts_->connect->result));
    if (!hooks::run(point, environment_.deferrals, event, parts_->connect->enriching)) {
      state_ = State::authenticating;
      return wait_for_answer();
    }
    parts_->connect->result = event.outcome();
  }
  conclude_connect(connect);
}

void ConnectProgress::enriched(void* self, hooks::EnrichEvent& event) {
  auto& progress = *static_cast<ConnectProgress*>(self);
  progress.result = event.outcome();
  progress.machine.answer_came();
  const auto decoded = mqtt::decode_connect(progress.first_byte, progress.packet);
  PATCHBAY_ASSERT(decoded.has_value());  // it was decoded before
  progress.machine.conclude_connect(*decoded);
}

void MqttMachine::conclude_connect(const mqtt::Connect& connect) {
  const access::AuthenticateResult& result = *parts_->connect->result;
  tell_auth_result(result, parts_->connect->asked_at_ms);
  if (!result.allowed) return refuse_connect(result.reason, "authentication");  // [MQTT-3.1.4-2]
  if (result.allowance.is_set()) port_.set_allowance(result.allowance);
  if (offer_session(connect)) finish_opening(connect);
}

void MqttMachine::tell_auth_result(const access::AuthenticateResult& result, uint64_t asked_at_ms) {
  if (environment_.hooks.auth_result.empty()) return;
  hooks::AuthResultEvent event;
  event.client = client_.get();
  event.allowed = result.allowed;
  event.anonymous = result.anonymous;
  event.reason = result.reason;
  event.identity = result.identity;
  event.decided_by = result.decided_by;
  event.duration_ms = environment_.shard.now_ms - asked_at_ms;
  hooks::observe(environment_.hooks.auth_result, event);
}

void MqttMachine::finish_opening(const mqtt::Connect& connect) {
  bool session_present = false;
  if (!open_session(connect, session_present)) return;
  const SessionLimits& limits = *agreed_limits_;
  maximum_packet_size_ = std::min(limits.maximum_packet_size, port_.packet_limit(limits.maximum_packet_size));
  send_window_ = static_cast<uint16_t>(std::min<uint32_t>(connect.properties.receive_maximum, limits.maximum_inflight));
  const auto aliases =
      static_cast<uint16_t>(std::min<uint32_t>(connect.properties.topic_alias_maximum, limits.topic_alias_maximum));
  if (aliases > 0) aliases_out_ = std::make_unique<OutboundTopicAliases>(aliases);
  if (!send_connack(connect, session_present)) return reply_too_large();
  keep_will(connect);
  start_keep_alive(connect);
  state_ = State::connected;
  watch_credentials();
  if (port_.luggage() != nullptr) port_.pack(nullptr);
  const std::unique_ptr<ConnectProgress> done = std::move(parts_->connect);
  connected(session_present);
}

void MqttMachine::keep_will(const mqtt::Connect& connect) {
  if (!connect.has_will) return;
  mqtt::MessageFields fields;
  fields.topic = connect.will.topic;
  fields.publisher_client_id = session_->client_id();
  fields.payload = connect.will.payload;
  fields.properties = connect.will.properties.forwardable();
  fields.qos = connect.will.qos;
  fields.retain = connect.will.retain;
  fields.flags = mqtt::MessageFlags::will;
  fields.publisher_handle = session_->handle().value();
  if (connect.will.properties.has(PropertyId::message_expiry_interval)) {
    fields.message_expiry_interval_s = connect.will.properties.message_expiry_interval_s;
  }
  will_ = std::make_unique<Will>(
      Will{mqtt::Message::create(fields), client_, connect.will.properties.will_delay_interval_s});
}

void MqttMachine::start_keep_alive(const mqtt::Connect& connect) {
  const uint32_t keep_alive_s = effective_keep_alive_s(connect, *agreed_limits_);
  keep_alive_ms_ = keep_alive_s * 10 * agreed_limits_->keep_alive_multiplier_percent;
  timer_.stop();
  if (keep_alive_ms_ > 0) environment_.shard.start(timer_, keep_alive_ms_);  // [MQTT-3.1.2-22]
}

void MqttMachine::connected(bool session_present) {
  environment_.shard.count(Counter::live_connections);
  environment_.shard.count(Counter::client_connected);
  auto& point = session_present ? environment_.hooks.session_resumed : environment_.hooks.session_created;
  if (!point.empty()) hooks::observe(point, session_event(*session_, client_.get(), {}));
  if (!environment_.hooks.client_connected.empty()) {
    hooks::observe(environment_.hooks.client_connected, {client_.get(), session_present});
  }
  session_->begin_resend();
  session_->pump();
  if (!environment_.limits->auto_subscriptions.empty()) auto_subscribe();
}

void MqttMachine::auto_subscribe() {
  auto progress = std::make_unique<SubscribeProgress>(*this);
  progress->silent = true;
  for (const AutoSubscription& entry : environment_.limits->auto_subscriptions) {
    const access::Substituted filled =
        access::substitute(entry.topic_filter, {client_->client_id(), client_->username(), &client_->attributes()});
    if (!filled.safe) continue;  // a client's own value must not bring wildcards or levels into a filter
    distribution::SubscriptionOptions options;
    options.maximum_qos = entry.maximum_qos;
    options.no_local = entry.no_local;
    options.retain_as_published = entry.retain_as_published;
    options.retain_handling = entry.retain_handling;
    progress->requests.push_back({filled.topic_filter, options, false});
  }
  parts().subscribe = std::move(progress);
  parts_->subscribe->run();
}

bool MqttMachine::send_connack(const mqtt::Connect& connect, bool session_present) {
  mqtt::Connack connack;
  connack.session_present = session_present && version_ != ProtocolVersion::v3_1;
  if (is_v5()) {
    fill_connack_properties(connack.properties, connect, *parts_->connect, *agreed_limits_);
    connack.properties.set(PropertyId::maximum_packet_size, maximum_packet_size_);
    if (session_->session_expiry_interval_s != connect.properties.session_expiry_interval_s) {
      connack.properties.set(PropertyId::session_expiry_interval,
                             session_->session_expiry_interval_s);  // the server's own value counts
    }
    if (parts_->exchange) {
      connack.properties.set(PropertyId::authentication_method, parts_->exchange->method);  // [MQTT-4.12.0-5]
      const std::vector<uint8_t>& data = parts_->connect->authentication_data;
      if (!data.empty()) {
        connack.properties.set(PropertyId::authentication_data,
                               std::string_view(reinterpret_cast<const char*>(data.data()), data.size()));
      }
    }
  }
  // What the server may tell or not ([MQTT-3.1.2-28]) is the first that has to go.
  if (mqtt::encoded_size(connack, version_) > client_maximum_packet_size_)
    connack.properties.unset(PropertyId::response_information);
  return reply(connack);
}

void MqttMachine::refuse_connect(ReasonCode reason, const char* clause, CloseReason close_reason,
                                 std::string_view server_reference) {
  if (state_ == State::closing) return;
  log_refusal(reason, clause);
  // [MQTT-3.1.4-1] before 5.0 a CONNECT that breaks the form gets no CONNACK
  const bool malformed = reason == ReasonCode::malformed_packet || reason == ReasonCode::protocol_error;
  if (is_v5() || !malformed) send_connack_error(reason, server_reference);
  close(close_reason);  // [MQTT-3.2.2-7], [MQTT-3.1.4-6]
}

void MqttMachine::send_connack_error(ReasonCode reason, std::string_view server_reference) {
  environment_.shard.count(Counter::packets_connack_error);
  mqtt::Connack connack;  // [MQTT-3.2.2-6] session present is 0 with a failure
  connack.reason_code = sendable_reason(mqtt::PacketType::connack, reason);
  if (!server_reference.empty()) connack.properties.set(PropertyId::server_reference, server_reference);  // [4.11]
  if (reply(connack)) return;
  connack.properties.unset(PropertyId::server_reference);  // the reason is what matters most
  static_cast<void>(reply(connack));
}

}  // namespace patchbay::session

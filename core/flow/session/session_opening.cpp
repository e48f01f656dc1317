// From an authenticated CONNECT to its session (MQTT 5.0 sections 3.1.2.4, 3.1.4, 4.1 and 4.11): session.open, then
// take over, discard, resume or create.

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "base/assert.h"
#include "hooks/dispatch.h"
#include "hooks/hook_points.h"
#include "mqtt/codec/decoder.h"
#include "session/connect_client.h"
#include "session/granted_limits.h"
#include "session/mqtt_machine.h"
#include "session/mqtt_progress.h"
#include "session/session.h"
#include "session/session_observers.h"
#include "session/session_registry.h"

namespace patchbay::session {

using base::Counter;
using mqtt::ReasonCode;

bool MqttMachine::offer_session(const mqtt::Connect& connect) {
  agreed_limits_ = environment_.limits;
  if (environment_.hooks.session_open.empty()) return true;
  hooks::SessionOpenEvent event;
  event.client = client_.get();
  event.identity = parts_->connect->result->identity;
  event.clean_start = connect.clean_start;
  event.session_expiry_interval_s = session_expiry_interval(connect, *agreed_limits_);
  event.receive_maximum = static_cast<uint16_t>(connect.properties.receive_maximum);
  if (connect.properties.has(mqtt::PropertyId::maximum_packet_size))
    event.maximum_packet_size = connect.properties.maximum_packet_size;
  event.keep_alive_s = connect.keep_alive_s;
  if (hooks::run(environment_.hooks.session_open, environment_.deferrals, event, parts_->connect->opening))
    return take_terms(connect, event);
  state_ = State::authenticating;
  wait_for_answer();
  return false;
}

void ConnectProgress::opened(void* self, hooks::SessionOpenEvent& event) {
  auto& progress = *static_cast<ConnectProgress*>(self);
  MqttMachine& machine = progress.machine;
  machine.answer_came();
  const auto decoded = mqtt::decode_connect(progress.first_byte, progress.packet);
  PATCHBAY_ASSERT(decoded.has_value());  // it was decoded before
  if (machine.take_terms(*decoded, event)) machine.finish_opening(*decoded);
}

bool MqttMachine::take_terms(const mqtt::Connect& connect, hooks::SessionOpenEvent& event) {
  if (event.refused) {
    refuse_connect(event.reason, "session.open", CloseReason::not_authorized, event.terms.server_reference);
    return false;
  }
  parts_->connect->session_expiry_interval_s = granted_session_expiry(event.terms, connect, *environment_.limits);
  agreed_limits_ = environment_.granted_limits->apply(event.terms, connect, environment_.limits);
  return true;
}

bool MqttMachine::may_take_over(const Session& existing) {
  if (environment_.hooks.session_conflict.empty()) return true;
  hooks::SessionConflictEvent event;
  event.client = client_.get();
  event.existing = &existing.client();
  hooks::transform(environment_.hooks.session_conflict, environment_.deferrals, event);
  if (event.refused) refuse_connect(event.reason, "session.conflict");
  return !event.refused;
}

bool MqttMachine::clear_way(const mqtt::Connect& connect, Session*& existing) {
  SessionRegistry& registry = *environment_.registry;
  const std::string& client_id = parts_->connect->client_id;
  if (existing != nullptr && existing->channel() != nullptr) {
    if (!may_take_over(*existing)) return false;
    environment_.shard.count(Counter::session_taken_over);
    if (!environment_.hooks.session_taken_over.empty()) {
      hooks::observe(environment_.hooks.session_taken_over, session_event(*existing, client_.get(), {}));
    }
    existing->channel()->end(CloseReason::taken_over);  // [MQTT-3.1.4-3]
    existing = registry.find(client_id);                // it may have ended with its connection
  }
  if (existing != nullptr && connect.clean_start) {
    environment_.shard.count(Counter::session_discarded);
    if (!environment_.hooks.session_discarded.empty()) {
      hooks::observe(environment_.hooks.session_discarded, session_event(*existing, client_.get(), "clean_start"));
    }
    registry.end(*existing, "discarded");  // [MQTT-3.1.2-4]
    existing = nullptr;
  }
  return true;
}

bool MqttMachine::open_session(const mqtt::Connect& connect, bool& session_present) {
  SessionRegistry& registry = *environment_.registry;
  access::AuthenticateResult& result = *parts_->connect->result;
  const std::string owner = result.identity.empty() ? parts_->connect->username : result.identity;
  Session* existing = registry.find(parts_->connect->client_id);
  if (existing != nullptr && existing->owner() != owner) {
    environment_.shard.count(Counter::session_owner_conflict);
    refuse_connect(ReasonCode::not_authorized, "MQTT-5.4.2");  // a session belongs to an identity and a client id
    return false;
  }
  if (!clear_way(connect, existing)) return false;
  if (existing == nullptr && registry.size() >= environment_.limits->maximum_sessions) {
    refuse_connect(ReasonCode::quota_exceeded, "node.max_sessions");
    return false;
  }
  session_present = existing != nullptr;  // [MQTT-3.1.2-5], [MQTT-3.1.2-6]
  if (session_present) environment_.shard.count(Counter::session_resumed);
  session_ = existing != nullptr ? existing : &registry.create(client_);
  session_->session_expiry_interval_s =
      parts_->connect->session_expiry_interval_s.value_or(session_expiry_interval(connect, *agreed_limits_));
  access::ClientInfoFields fields = client_->fields();
  fields.handle = session_->handle().value();
  client_ = access::admit(fields, std::move(result));
  session_->set_client(client_);
  const ProtocolAdapter* adapter = port_.adapter();
  registry.attach(*session_, adapter == nullptr ? *this : *adapter->channel);
  return true;
}

}  // namespace patchbay::session

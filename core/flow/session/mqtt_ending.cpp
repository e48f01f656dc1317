// How an MQTT connection ends: refused, closed by either side, kicked, taken over (MQTT 5.0 sections 3.14 and 4.13).
// The session is left in one place, whatever the reason.

#include <string>
#include <utility>

#include "base/log.h"
#include "hooks/dispatch.h"
#include "hooks/hook_points.h"
#include "session/ack_queue.h"
#include "session/mqtt_machine.h"
#include "session/mqtt_progress.h"
#include "session/sendable_reason.h"
#include "session/session.h"
#include "session/session_registry.h"

namespace patchbay::session {

using base::Counter;
using mqtt::PacketType;
using mqtt::ReasonCode;

void MqttMachine::refuse(ReasonCode reason, const char* clause, CloseReason close_reason) {
  if (state_ == State::closing) return;
  if (close_reason == CloseReason::protocol_error) {
    environment_.shard.count(Counter::packets_malformed);
    environment_.shard.count(Counter::connections_closed_protocol_error);
  }
  if (parts_ && parts_->connect && close_reason != CloseReason::connect_timeout)
    return refuse_connect(reason, clause, close_reason);
  log_refusal(reason, clause);
  if (state_ == State::connected) {
    std::string text(mqtt::reason_code_name(reason));
    text.append(" [").append(clause).append("]");
    send_disconnect(reason, text);  // [MQTT-4.13.1-1]
  }
  close(close_reason);
}

void MqttMachine::log_refusal(ReasonCode reason, const char* clause) {
  static thread_local base::LogLimiter limiter;
  uint64_t suppressed = 0;
  if (!limiter.allow(environment_.shard.now_ms, suppressed)) return;
  const std::string_view client_id = client_ ? client_->client_id() : std::string_view{};
  base::log(base::LogArea::session, base::LogLevel::warning, "connection refused",
            {{"peer", port_.peer().address_text()},
             {"client_id", client_id},
             {"reason", std::string_view(mqtt::reason_code_name(reason))},
             {"clause", std::string_view(clause)},
             {"suppressed", suppressed}});
}

void MqttMachine::send_disconnect(ReasonCode reason, std::string_view reason_string) {
  if (!is_v5()) return;  // before 5.0 servers send no DISCONNECT; [MQTT-3.14.0-1] nor before CONNACK
  mqtt::Disconnect disconnect;
  disconnect.reason_code = sendable_reason(PacketType::disconnect, reason);
  if (!reason_string.empty()) disconnect.properties.set(mqtt::PropertyId::reason_string, reason_string);
  if (mqtt::encoded_size(disconnect, version_) > client_maximum_packet_size_)
    disconnect.properties = {};  // [MQTT-3.14.2-3]
  reply(disconnect);
}

void MqttMachine::close(CloseReason reason) {
  if (state_ == State::closing) return;
  leave_session(reason);
  state_ = State::closing;
  timer_.stop();
  forget_progress();
  port_.close(reason);
}

void MqttMachine::on_closed(CloseReason reason) {
  leave_session(reason);
  state_ = State::closing;
  timer_.stop();
  forget_progress();
}

/// Gives up what waits for answers: they come too late now.
void MqttMachine::forget_progress() {
  parts_.reset();
}

void MqttMachine::on_kick(CloseReason reason) {
  end(reason);
}

void MqttMachine::end(CloseReason reason) {
  if (state_ == State::closing) return;
  if (state_ == State::connected) {
    switch (reason) {
      case CloseReason::taken_over:
        send_disconnect(ReasonCode::session_taken_over, {});  // [MQTT-3.1.4-3]
        break;
      case CloseReason::server_shutdown:
        send_disconnect(ReasonCode::server_shutting_down, {});
        break;
      case CloseReason::slow_consumer:
        send_disconnect(ReasonCode::quota_exceeded, {});
        break;
      default:
        send_disconnect(ReasonCode::administrative_action, {});
        break;
    }
  } else if (parts_ && parts_->connect && reason == CloseReason::server_shutdown) {
    return refuse_connect(ReasonCode::server_unavailable, "server shutdown");
  }
  close(reason);
}

void MqttMachine::disconnect(ReasonCode reason) {
  if (state_ == State::connected) send_disconnect(reason, {});
  close(CloseReason::kicked);
}

void MqttMachine::leave_session(CloseReason reason) {
  if (session_ == nullptr) return;
  Session& session = *std::exchange(session_, nullptr);
  if (state_ != State::connected) return environment_.registry->detach(session, {});  // CONNACK has not been sent
  if (parts_) parts_->acks.reset();
  // A PUBLISH that still waits for its answer was not routed: the client will send it again, and that is no repetition.
  if (parts_ && parts_->publish && parts_->publish->waiting() && parts_->publish->qos == mqtt::Qos::exactly_once)
    session.inbound().remove(parts_->publish->packet_id);
  base::ShardServices& shard = environment_.shard;
  shard.counters->subtract(Counter::live_connections);
  shard.count(Counter::client_disconnected);
  if (!environment_.hooks.client_disconnected.empty()) {
    hooks::ClientEvent event{client_.get()};
    event.reason = close_reason_name(reason);
    event.duration_ms = shard.now_unix_ms - client_->connected_at_unix_ms();
    hooks::observe(environment_.hooks.client_disconnected, event);
  }
  Will will;
  if (will_) will = std::move(*will_);
  will_.reset();
  environment_.registry->detach(session, std::move(will));
}

}  // namespace patchbay::session

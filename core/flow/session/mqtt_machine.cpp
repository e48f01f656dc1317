#include "session/mqtt_machine.h"

#include <utility>

#include "base/assert.h"
#include "hooks/dispatch.h"
#include "hooks/hook_points.h"
#include "mqtt/codec/decoder.h"
#include "mqtt/codec/packet_framer.h"
#include "session/ack_queue.h"
#include "session/congestion_gate.h"
#include "session/mqtt_progress.h"
#include "session/session.h"
#include "session/topic_alias_map.h"

namespace patchbay::session {

using base::Counter;
using mqtt::PacketType;
using mqtt::ReasonCode;

MqttMachine::MqttMachine(SessionEnvironment& environment, ConnectionPort& port)
    : environment_(environment), port_(port), last_received_ms_(environment.shard.now_ms) {
  timer_.bind(&MqttMachine::on_timer, this);
  environment_.shard.start(timer_, environment_.limits->connect_timeout_ms);
}

MqttParts& MqttMachine::parts() {
  if (!parts_) parts_ = std::make_unique<MqttParts>();
  return *parts_;
}

MqttMachine::~MqttMachine() {
  if (gated_) environment_.congestion->remove(this);
}

size_t MqttMachine::on_bytes(std::span<const uint8_t> bytes, size_t& need) {
  size_t consumed = 0;
  bool all_passed = true;
  need = 0;
  if (state_ == State::awaiting_connect && !bytes.empty() && mqtt::packet_type_of(bytes[0]) != PacketType::connect) {
    refuse(ReasonCode::protocol_error, "MQTT-3.1.0-1");  // [MQTT-3.1.0-1] no need to wait for the rest of it
  }
  while (consumed != bytes.size() && !waiting_ && state_ != State::closing) {
    const bool before_connack = state_ != State::connected;
    const uint32_t maximum =
        before_connack ? port_.packet_limit(environment_.limits->maximum_connect_size) : maximum_packet_size_;
    const mqtt::Frame frame = mqtt::frame_next(bytes.subspan(consumed), maximum);
    if (frame.status == mqtt::Frame::Status::need_more) {
      need = frame.total_size;
      break;
    }
    if (frame.status == mqtt::Frame::Status::failed) {
      refuse(frame.reason, frame.clause);
      break;
    }
    last_received_ms_ = environment_.shard.now_ms;  // whole packets count, dribbled bytes don't [MQTT-3.1.2-22]
    ++traffic_.received;
    const std::span<const uint8_t> packet = bytes.subspan(consumed, frame.total_size);
    if (!environment_.hooks.packet_in.empty()) [[unlikely]] {
      all_passed = false;
      dispatch_watched(packet, frame.first_byte, frame.body);
    } else if (!pass_on(packet, frame.body)) {
      all_passed = false;
      dispatch(frame.first_byte, frame.body);
    }
    if (moving_ || rewriting_) {  // the CONNECT will be read again, on the home shard, or here
      traffic_ = {};
      return consumed;
    }
    environment_.shard.count(Counter::packets_received);
    consumed += frame.total_size;
    if (mqtt::packet_type_of(frame.first_byte) == PacketType::publish && !port_.take_message()) break;
  }
  if (parts_ && !waiting_ && parts_->empty()) parts_.reset();
  if (state_ == State::closing) return bytes.size();  // nothing that comes after the end matters
  // What passed on waits nowhere, and need not be held back.
  if (!all_passed && !gated_ && environment_.congestion->closed()) {
    gated_ = true;
    environment_.congestion->add(this, &MqttMachine::on_congestion_over);
    port_.pause_reading();
  }
  return consumed;
}

void MqttMachine::dispatch_watched(std::span<const uint8_t> packet, uint8_t first_byte, Body body) {
  const bool is_first = state_ == State::awaiting_connect;  // told of when its client is known, and only once
  if (!is_first) observe_packet(environment_.hooks.packet_in, packet, packet.size());
  dispatch(first_byte, body);
  if (is_first && !moving_ && !rewriting_) observe_packet(environment_.hooks.packet_in, packet, packet.size());
}

void MqttMachine::dispatch(uint8_t first_byte, Body body) {
  const PacketType type = mqtt::packet_type_of(first_byte);
  switch (state_) {
    case State::connected:
      return dispatch_connected(type, first_byte, body);
    case State::awaiting_connect:
      if (type == PacketType::connect) return handle_connect(first_byte, body);
      return refuse(ReasonCode::protocol_error, "MQTT-3.1.0-1");  // [MQTT-3.1.0-1] CONNECT comes first
    case State::authenticating:
      if (type == PacketType::auth) return handle_auth(first_byte, body);
      if (type == PacketType::disconnect) return handle_disconnect(first_byte, body);
      return refuse(ReasonCode::protocol_error,
                    "MQTT-3.1.2-30");  // [MQTT-3.1.2-30] only AUTH or DISCONNECT until CONNACK
    case State::closing:
      return;
  }
}

void MqttMachine::dispatch_connected(PacketType type, uint8_t first_byte, Body body) {
  switch (type) {
    case PacketType::publish:
      return handle_publish(first_byte, body);
    case PacketType::puback:
    case PacketType::pubrec:
    case PacketType::pubcomp:
      return handle_acknowledgement(type, first_byte, body);
    case PacketType::pubrel:
      return handle_pubrel(first_byte, body);
    case PacketType::subscribe:
      return handle_subscribe(first_byte, body);
    case PacketType::unsubscribe:
      return handle_unsubscribe(first_byte, body);
    case PacketType::pingreq:
      return handle_pingreq(first_byte, body);
    case PacketType::disconnect:
      return handle_disconnect(first_byte, body);
    case PacketType::auth:
      return handle_auth(first_byte, body);
    case PacketType::connect:
      return refuse(ReasonCode::protocol_error, "MQTT-3.1.0-2");  // [MQTT-3.1.0-2] a second CONNECT
    default:
      break;  // packets that only servers send, and the reserved type 0
  }
  const bool reserved = static_cast<uint8_t>(type) == 0;
  refuse(reserved ? ReasonCode::malformed_packet : ReasonCode::protocol_error, "MQTT-2.1.2");
}

void MqttMachine::handle_pingreq(uint8_t first_byte, Body body) {
  const auto decoded = mqtt::decode_pingreq(first_byte, body);
  if (!decoded) return refuse(decoded.error());
  environment_.shard.count(Counter::packets_pingreq_received);
  reply(mqtt::Pingresp{});  // [MQTT-3.12.4-1]
}

// Waiting ------------------------------------------------------------------------------------------------------------

void MqttMachine::wait_for_answer() {
  PATCHBAY_ASSERT(!waiting_);
  waiting_ = true;
  port_.pause_reading();
}

void MqttMachine::answer_came() {
  waiting_ = false;
  if (!gated_ && state_ != State::closing) port_.resume_reading();
}

void MqttMachine::on_congestion_over(void* self) {
  auto& machine = *static_cast<MqttMachine*>(self);
  machine.gated_ = false;
  if (!machine.waiting_ && machine.state_ != State::closing) machine.port_.resume_reading();
}

void MqttMachine::on_writable() {
  if (session_ != nullptr) session_->pump();
}

// Time ---------------------------------------------------------------------------------------------------------------

void MqttMachine::on_timer(void* self) {
  auto& machine = *static_cast<MqttMachine*>(self);
  if (machine.state_ == State::connected) return machine.check_keep_alive();
  if (machine.state_ == State::closing) return;
  machine.environment_.shard.count(Counter::connections_closed_connect_timeout);
  machine.refuse(ReasonCode::not_authorized, "MQTT-3.1.4", CloseReason::connect_timeout);
}

void MqttMachine::check_keep_alive() {
  // The clock of this turn may be older than the last packet's turn by a tick; never go below zero.
  const uint64_t now_ms = environment_.shard.now_ms;
  const uint64_t silent_ms = now_ms > last_received_ms_ ? now_ms - last_received_ms_ : 0;
  const bool deaf = waiting_ || gated_ || port_.throttled();
  if (deaf || silent_ms < keep_alive_ms_) {
    // We ourselves stopped reading while we wait: the client cannot be blamed for that time.
    const uint64_t rest_ms = deaf ? keep_alive_ms_ : keep_alive_ms_ - silent_ms;
    environment_.shard.start(timer_, rest_ms);
    return;
  }
  environment_.shard.count(Counter::connections_closed_keep_alive);
  // [MQTT-3.1.2-22] as if the network had failed, so that the will is published
  refuse(ReasonCode::keep_alive_timeout, "MQTT-3.1.2-22", CloseReason::keep_alive_timeout);
}

// What is known of the client ----------------------------------------------------------------------------------------

void MqttMachine::client_changed(const access::ClientInfoRef& client) {
  if (parts_) {
    if (!waiting_) parts_->former_clients.clear();
    parts_->former_clients.push_back(client_);
  }
  client_ = client;
  forget_decisions();
}

void MqttMachine::forget_decisions() {
  if (!parts_) return;
  if (parts_->publish) parts_->publish->authorization.clear_cache();
  if (parts_->subscribe) parts_->subscribe->authorization.clear_cache();
}

const access::DecisionCache* MqttMachine::decisions() const {
  return parts_ && parts_->publish ? environment_.access.remembered(parts_->publish->authorization) : nullptr;
}

void MqttMachine::set_keep_alive(uint16_t keep_alive_s) {
  if (state_ != State::connected) return;
  keep_alive_ms_ = uint32_t{keep_alive_s} * 10 * agreed_limits_->keep_alive_multiplier_percent;
  timer_.stop();
  heard();  // what was silence under the old terms does not count
  if (keep_alive_ms_ > 0) environment_.shard.start(timer_, keep_alive_ms_);
}

}  // namespace patchbay::session

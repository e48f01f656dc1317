// PUBLISH from a client, the receiver's half of QoS 0, 1 and 2 (MQTT 5.0 sections 3.3 and 4.3).
//
//   QoS 1  PUBLISH -> route -> PUBACK                             [MQTT-4.3.2-4]
//   QoS 2  PUBLISH -> keep the packet identifier, route -> PUBREC [MQTT-4.3.3-8]
//          PUBREL  -> forget the packet identifier -> PUBCOMP     [MQTT-4.3.3-11]
//
// PUBACK and PUBREC are written when the router has taken responsibility: each delivery is then with its session, or in
// a batch that the end of this turn posts to its shard before anything is written to a socket.

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "access/access_control.h"
#include "distribution/delivery.h"
#include "hooks/dispatch.h"
#include "hooks/hook_points.h"
#include "mqtt/codec/decoder.h"
#include "mqtt/codec/publish_head.h"
#include "router/publish_router.h"
#include "router/topic_rewrite.h"
#include "session/ack_queue.h"
#include "session/message_origin.h"
#include "session/mqtt_machine.h"
#include "session/mqtt_progress.h"
#include "session/publishing.h"
#include "session/sendable_reason.h"
#include "session/session.h"
#include "session/topic_alias_map.h"
#include "topic/levels.h"
#include "topic/topic_name.h"

namespace patchbay::session {

using base::Counter;
using mqtt::PacketType;
using mqtt::Qos;
using mqtt::ReasonCode;

void MqttMachine::handle_publish(uint8_t first_byte, Body body) {
  const auto decoded = mqtt::decode_publish(first_byte, body, version_);
  if (!decoded) return refuse(decoded.error());
  const mqtt::Publish& publish = *decoded;
  environment_.shard.count(Counter::packets_publish_received);
  std::string_view topic = publish.topic;
  if (!check_publish(publish) || !resolve_topic(publish, topic)) return;
  if (publish.qos != Qos::at_most_once) {
    bool repeated = false;
    if (!accept_packet_id(publish, repeated)) return;
    if (repeated) {
      environment_.shard.count(Counter::packets_publish_inuse);
      return acknowledge(publish.qos, publish.packet_id, ReasonCode::success);  // [MQTT-4.3.3-10] not routed again
    }
  }
  count_publish(publish.qos);
  publish_checked(make_message(publish, topic), publish.packet_id);
}

/// As handle_publish() would, in one step: the topic is one that this client's last message had, so it is a valid one.
bool MqttMachine::pass_on(std::span<const uint8_t> packet, Body body) {
  if (packet[0] != mqtt::kPlainPublishFirstByte || state_ != State::connected) return false;
  if (session_->known_route().deliveries().size() != 1) return false;
  const mqtt::PassingMessage message = mqtt::read_plain_publish(packet, body, version_);
  const SessionLimits& limits = *agreed_limits_;
  // As many bytes as levels: no need to count these.
  if (message.topic.size() > std::min<size_t>(limits.maximum_topic_size, limits.maximum_topic_levels)) return false;
  if (publications_are_watched() || !environment_.access.may_publish_unasked(*client_, message.topic)) return false;
  if (!environment_.router.pass(message, session_->known_route())) return false;
  environment_.shard.count(Counter::packets_publish_received);
  count_publish(Qos::at_most_once);
  last_outcome_ = 1;
  return true;
}

bool MqttMachine::publications_are_watched() const {
  const hooks::HookPoints& points = environment_.hooks;
  return rewrites_topics() || environment_.limits->message_expiry_interval_s != 0 || !points.publish_accept.empty() ||
         !points.publish_routed.empty() || !points.publish_unrouted.empty();
}

void MqttMachine::count_publish(Qos qos) {
  static constexpr Counter kByQos[] = {Counter::messages_received_qos0, Counter::messages_received_qos1,
                                       Counter::messages_received_qos2};
  environment_.shard.count(Counter::messages_received);
  environment_.shard.count(kByQos[static_cast<size_t>(qos)]);
  ++session_->message_traffic().received[static_cast<size_t>(qos)];
}

bool MqttMachine::check_publish(const mqtt::Publish& publish) {
  const SessionLimits& limits = *agreed_limits_;
  if (publish.qos > limits.maximum_qos) {
    refuse(ReasonCode::qos_not_supported, "MQTT-3.2.2-11");  // [MQTT-3.2.2-11]
  } else if (publish.retain && !limits.retain_available) {
    refuse(ReasonCode::retain_not_supported, "MQTT-3.2.2-14");  // [MQTT-3.2.2-14]
  } else if (publish.topic.size() > limits.maximum_topic_size) {
    refuse(ReasonCode::topic_name_invalid, "mqtt.max_topic_length", CloseReason::limit);
  } else if (publish.topic.size() > limits.maximum_topic_levels &&
             topic::count_levels(publish.topic) > limits.maximum_topic_levels) {
    refuse(ReasonCode::topic_name_invalid, "mqtt.max_topic_levels", CloseReason::limit);
  } else if (publish.properties.user_property_count > limits.maximum_user_properties) {
    refuse(ReasonCode::quota_exceeded, "mqtt.max_user_properties", CloseReason::limit);
  } else {
    return true;
  }
  return false;
}

bool MqttMachine::resolve_topic(const mqtt::Publish& publish, std::string_view& topic) {
  const uint16_t alias = publish.properties.topic_alias;
  if (alias != 0) {
    if (alias > agreed_limits_->topic_alias_maximum) {
      refuse(ReasonCode::topic_alias_invalid, "MQTT-3.3.2-9");  // [MQTT-3.3.2-9], [MQTT-3.2.2-17]
      return false;
    }
    if (!parts().aliases_in) parts_->aliases_in = std::make_unique<InboundTopicAliases>();
    if (!topic.empty()) {
      parts_->aliases_in->set(alias, topic);
    } else if (const auto known = parts_->aliases_in->find(alias)) {
      topic = *known;
    } else {
      refuse(ReasonCode::protocol_error, "3.3.2.3.4");  // an alias that was never set on this connection
      return false;
    }
  }
  return true;
}

bool MqttMachine::accept_packet_id(const mqtt::Publish& publish, bool& repeated) {
  const SessionLimits& limits = *agreed_limits_;
  if (publish.qos == Qos::exactly_once && session_->inbound_size() > 0) {
    if (session_->inbound().contains(publish.packet_id)) {
      repeated = true;
      return true;
    }
    const size_t expired = session_->inbound().expire(environment_.shard.now_ms, limits.await_rel_timeout_ms);
    if (expired > 0) {
      environment_.shard.count(Counter::messages_dropped_await_rel, expired);
      session_->message_traffic().received_dropped += static_cast<uint32_t>(expired);
    }
  }
  const size_t unacknowledged = session_->inbound_size() + (parts_ && parts_->acks ? parts_->acks->pubacks() : 0);
  const size_t maximum = is_v5() ? limits.receive_maximum : limits.maximum_awaiting_rel;
  if (unacknowledged >= maximum && (is_v5() || publish.qos == Qos::exactly_once)) {
    environment_.shard.count(Counter::publish_quota_exceeded);
    refuse(ReasonCode::receive_maximum_exceeded, "MQTT-3.3.4-7",
           CloseReason::limit);  // [MQTT-3.3.4-7], for v3 mqtt.max_awaiting_rel
    return false;
  }
  if (publish.qos == Qos::exactly_once) session_->inbound().add(publish.packet_id, environment_.shard.now_ms);
  return true;
}

mqtt::MessageRef MqttMachine::make_message(const mqtt::Publish& publish, std::string_view topic) const {
  mqtt::MessageFields fields;
  fields.topic = topic;
  fields.publisher_client_id = session_->client_id();
  fields.payload = publish.payload;
  fields.properties = publish.properties.forwardable();
  fields.qos = publish.qos;
  fields.retain = publish.retain;
  fields.flags = is_bridge_ ? mqtt::MessageFlags::from_bridge : uint16_t{0};
  if (publish.properties.has_message_expiry_interval) {
    fields.message_expiry_interval_s = publish.properties.message_expiry_interval_s;
  } else if (environment_.limits->message_expiry_interval_s != 0) {
    fields.message_expiry_interval_s = environment_.limits->message_expiry_interval_s;
  }
  fields.received_at_ms = static_cast<int64_t>(environment_.shard.now_ms);
  fields.received_at_unix_ms = static_cast<int64_t>(environment_.shard.now_unix_ms);
  fields.publisher_handle = session_->handle().value();
  if (rewrites_topics()) [[unlikely]]
    return make_rewritten(fields);
  return mqtt::Message::create(fields);
}

/// The message under the topic that configuration and plugins make of its own.
mqtt::MessageRef MqttMachine::make_rewritten(mqtt::MessageFields& fields) const {
  std::optional<std::string> rewritten;
  if (environment_.rewrite)
    rewritten = environment_.rewrite->publish_topic(fields.topic, client_->client_id(), client_->username());
  if (rewritten) fields.topic = *rewritten;
  hooks::PublishRewriteEvent event;
  if (!environment_.hooks.publish_rewrite.empty()) {
    event.client = client_.get();
    event.topic = fields.topic;
    event.qos = fields.qos;
    event.retain = fields.retain;
    hooks::transform(environment_.hooks.publish_rewrite, environment_.deferrals, event);
    if (event.replaced) fields.topic = event.topic;
  }
  return mqtt::Message::create(fields);
}

bool MqttMachine::rewrites_topics() const {
  return environment_.rewrite != nullptr || !environment_.hooks.publish_rewrite.empty();
}

namespace {

/// Plugins that care for other topics cost a message their filters, and nothing else.
bool is_wanted(const base::ChainPoint<hooks::PublishAcceptEvent>& point, const access::ClientInfo& client,
               const mqtt::MessageRef& message) {
  if (point.empty()) return false;
  const base::Chain<hooks::PublishAcceptEvent>* chain = point.load();
  if (chain == nullptr) return false;
  hooks::PublishAcceptEvent event;
  event.client = &client;
  event.message = message;
  return std::any_of(chain->entries().begin(), chain->entries().end(),
                     [&event](const auto& entry) { return entry.is_for(event); });
}

}  // namespace

void MqttMachine::publish_checked(mqtt::MessageRef message, uint16_t packet_id) {
  // The way of nearly all messages: nobody has to be asked.
  if (!rewrites_topics() && environment_.access.may_publish_unasked(*client_, message->topic()) &&
      !is_wanted(environment_.hooks.publish_accept, *client_, message)) {
    const Qos qos = message->qos();
    return route_and_acknowledge(std::move(message), qos, packet_id);
  }
  publish_slowly(std::move(message), packet_id);
}

void MqttMachine::route_and_acknowledge(mqtt::MessageRef&& message, Qos qos, uint16_t packet_id) {
  const ReasonCode reason = route(std::move(message));
  if (qos != Qos::at_most_once) acknowledge(qos, packet_id, reason);
}

ReasonCode MqttMachine::route(mqtt::MessageRef&& message) {
  const Published published = publish_message(environment_, std::move(message), client_,
                                              session_ != nullptr ? &session_->known_route() : nullptr);
  last_outcome_ = static_cast<uint32_t>(std::min<size_t>(published.receivers, kRefused - 1));
  const bool nobody = published.receivers == 0 && published.reason == ReasonCode::success;
  return nobody ? ReasonCode::no_matching_subscribers : published.reason;
}

void MqttMachine::acknowledge(Qos qos, uint16_t packet_id, ReasonCode reason) {
  if (parts_ && parts_->acks && parts_->acks->size() > 0) return parts_->acks->add(qos, packet_id, reason, nullptr);
  acknowledge_now(qos, packet_id, reason);
}

void MqttMachine::acknowledge_now(Qos qos, uint16_t packet_id, ReasonCode reason) {
  if (mqtt::is_failure(reason)) {
    environment_.shard.count(Counter::packets_publish_error);
    reason = sendable_reason(PacketType::puback, reason);  // PUBREC has the same ones
  }
  if (qos == Qos::at_least_once) return write_acknowledgement(PacketType::puback, packet_id, reason);
  // A PUBREC that refuses ends the flow at once, so that the identifier may be used again [MQTT-4.3.3-9]. Before 5.0 it
  // cannot say so: for the client the flow goes on, and the identifier is kept until its PUBREL.
  if (is_v5() && mqtt::is_failure(reason)) session_->inbound().remove(packet_id);
  write_acknowledgement(PacketType::pubrec, packet_id, reason);
}

void MqttMachine::write_ack(void* self, Qos qos, uint16_t packet_id, ReasonCode reason) {
  static_cast<MqttMachine*>(self)->acknowledge_now(qos, packet_id, reason);
}

void MqttMachine::write_acknowledgement(PacketType type, uint16_t packet_id, ReasonCode reason) {
  if (!environment_.hooks.reply_out.empty() && is_v5()) return offer_acknowledgement(type, packet_id, reason);
  uint8_t* out = port_.output().reserve(port_.pool(), 5);
  const bool with_reason = is_v5() && reason != ReasonCode::success;  // [3.4.2.1] may be left out when it is success
  out[0] = mqtt::first_byte_of(type);
  out[1] = with_reason ? 3 : 2;
  out[2] = static_cast<uint8_t>(packet_id >> 8);
  out[3] = static_cast<uint8_t>(packet_id);
  out[4] = static_cast<uint8_t>(reason);
  const size_t size = with_reason ? 5 : 4;
  port_.output().commit(size);
  port_.output_added();
  packet_sent({out, size}, size);
}

void MqttMachine::handle_pubrel(uint8_t first_byte, Body body) {
  const auto decoded = mqtt::decode_acknowledgement(first_byte, body, version_);
  if (!decoded) return refuse(decoded.error());
  environment_.shard.count(Counter::packets_pubrel_received);
  const bool known = session_->inbound_size() > 0 && session_->inbound().remove(decoded->packet_id);
  if (!known) environment_.shard.count(Counter::packets_pubrel_missed);
  // [MQTT-4.3.3-11] an unknown identifier is answered too: our first PUBCOMP may have been lost
  write_acknowledgement(PacketType::pubcomp, decoded->packet_id,
                        known ? ReasonCode::success : ReasonCode::packet_identifier_not_found);
}

}  // namespace patchbay::session

// Messages to the client: sent, queued or dropped (MQTT 5.0 sections 3.3, 4.3, 4.4 and 4.6).

#include <utility>

#include "base/mailbox.h"
#include "distribution/fan_out.h"
#include "hooks/dispatch.h"
#include "hooks/hook_points.h"
#include "session/message_origin.h"
#include "session/session.h"

namespace patchbay::session {

using base::Counter;
using mqtt::Qos;

void Session::tell(const base::ChainPoint<hooks::DeliveryEvent>& point, const mqtt::Message& message, Qos qos,
                   std::string_view reason_text) const {
  if (point.empty()) return;
  const access::ClientInfo* receiver = channel_ != nullptr ? client_.get() : nullptr;
  hooks::observe(point, {receiver, client_id(), &message, qos, reason_text});
}

void Session::drop(Counter reason, const mqtt::Message& message, Qos qos, std::string_view reason_text) {
  environment_.shard.count(reason);
  environment_.shard.count(Counter::messages_dropped);
  MessageTraffic& traffic = message_traffic();
  ++traffic.dropped;
  if (reason == Counter::messages_dropped_queue_full) ++traffic.dropped_queue_full;
  if (reason == Counter::messages_dropped_too_large) ++traffic.dropped_too_large;
  tell(environment_.hooks.deliver_dropped, message, qos, reason_text);
}

void Session::drop_expired(const mqtt::Message& message, Qos qos) {
  environment_.shard.count(Counter::messages_dropped_expired);
  environment_.shard.count(Counter::messages_dropped);
  ++message_traffic().dropped;
  ++message_traffic().dropped_expired;
  tell(environment_.hooks.deliver_expired, message, qos, {});
}

/// What deliver.before makes of it for this client; false: nothing is to be delivered.
bool Session::transform(mqtt::MessageRef& message) const {
  hooks::DeliverBeforeEvent event;
  event.client = channel_ != nullptr ? client_.get() : nullptr;
  event.message = message;
  hooks::transform(environment_.hooks.deliver_before, environment_.deferrals, event);
  if (event.replaced) message = with_origin_of(*message, event.message);
  return !event.skip;
}

/// What acl.deliver says: whether this client may have the message.
bool Session::may_have(const mqtt::Message& message) const {
  hooks::AclDeliverEvent event;
  event.client = client_.get();
  event.message = &message;
  hooks::transform(environment_.hooks.acl_deliver, environment_.deferrals, event);
  return !event.denied;
}

OutboundMessage Session::outbound_of(mqtt::MessageRef&& message, const distribution::Delivery& delivery,
                                     std::span<const distribution::Delivery> further) const {
  const Qos granted = static_cast<Qos>(delivery.options.maximum_qos);
  OutboundMessage outbound;
  outbound.message = std::move(message);
  outbound.qos = environment_.limits->upgrade_qos ? granted : mqtt::lower_qos(outbound.message->qos(), granted);
  // [MQTT-3.8.4-8] the lower QoS; RETAIN is set for a retained message of a new subscription, else clear
  // [MQTT-3.3.1-12] unless the subscription wants it as published [MQTT-3.3.1-13]
  outbound.retain = delivery.from_retained || (delivery.options.retain_as_published && outbound.message->retain());
  outbound.shared_group = delivery.shared_group;
  outbound.subscription_identifier = delivery.subscription_identifier;
  for (const distribution::Delivery& more : further) {
    if (more.subscription_identifier == 0) continue;
    if (!outbound.further_identifiers) outbound.further_identifiers = std::make_unique<std::vector<uint32_t>>();
    outbound.further_identifiers->push_back(more.subscription_identifier);
  }
  return outbound;
}

bool Session::passes_hooks(OutboundMessage& outbound, PublishImages*& images) {
  const mqtt::MessageRef message = outbound.message;  // whatever a hook makes of it, drops are told of this one
  const bool guarded = !environment_.hooks.acl_deliver.empty();
  const auto dropped = [&](Counter reason, std::string_view reason_text) {
    drop(reason, *message, outbound.qos, reason_text);
    return false;
  };
  if (guarded && !may_have(*message)) return dropped(Counter::messages_dropped_acl, "acl");
  if (environment_.hooks.deliver_before.empty()) return true;
  if (!transform(outbound.message)) return dropped(Counter::messages_dropped_hook, "hook");
  if (outbound.message != message) images = nullptr;  // this receiver's message is its own
  const bool elsewhere = outbound.message->topic() != message->topic();
  return !guarded || !elsewhere || may_have(*outbound.message) || dropped(Counter::messages_dropped_acl, "acl");
}

void Session::deliver(mqtt::MessageRef message, const distribution::Delivery& delivery,
                      std::span<const distribution::Delivery> further, PublishImages* images) {
  OutboundMessage outbound = outbound_of(std::move(message), delivery, further);
  // [MQTT-3.8.3-3] by client id: the publisher's session may have been another one
  if (delivery.options.no_local && outbound.message->publisher_client_id() == client_id())
    return drop(Counter::messages_dropped_no_local, *outbound.message, outbound.qos, "no_local");
  const hooks::HookPoints& points = environment_.hooks;
  const bool watched = !points.acl_deliver.empty() || !points.deliver_before.empty();
  if (watched && !passes_hooks(outbound, images)) return;
  environment_.shard.count(Counter::messages_delivered);
  if (can_send(outbound.qos)) {
    send(std::move(outbound), images);
  } else {
    enqueue(std::move(outbound));
  }
}

bool Session::deliveries_are_watched() const {
  const hooks::HookPoints& points = environment_.hooks;
  return !points.acl_deliver.empty() || !points.deliver_before.empty() || !points.deliver_sent.empty();
}

bool Session::pass(const mqtt::PassingMessage& message, const distribution::Delivery& delivery) {
  // What deliver() would send just like this: RETAIN is clear, for it was [MQTT-3.3.1-12]; the message has no expiry
  // interval; without an identifier of the subscription [MQTT-3.3.4-3] or a greater QoS, nothing of it changes.
  const bool changes = delivery.subscription_identifier != 0 || delivery.options.no_local ||
                       (environment_.limits->upgrade_qos && delivery.options.maximum_qos != 0);
  const bool first = channel_ != nullptr && (!queue_ || queue_->empty());
  if (changes || !first || deliveries_are_watched() || !channel_->pass(message)) return false;
  environment_.shard.count(Counter::messages_delivered);
  count_sent(Qos::at_most_once);
  return true;
}

bool Session::can_send(Qos qos) const {
  if (channel_ == nullptr || (queue_ && !queue_->empty()) || !channel_->ready()) return false;
  if (qos == Qos::at_most_once) return true;
  return inflight_ ? inflight_->has_room(channel_->send_window()) : channel_->send_window() > 0;
}

void Session::count_sent(Qos qos) {
  static constexpr Counter kByQos[] = {Counter::messages_sent_qos0, Counter::messages_sent_qos1,
                                       Counter::messages_sent_qos2};
  environment_.shard.count(Counter::messages_sent);
  environment_.shard.count(kByQos[static_cast<size_t>(qos)]);
  ++message_traffic().sent[static_cast<size_t>(qos)];
}

void Session::sent(const mqtt::Message& message, Qos qos) {
  count_sent(qos);
  if (!environment_.hooks.deliver_sent.empty()) [[unlikely]]
    tell(environment_.hooks.deliver_sent, message, qos, {});
}

void Session::send(OutboundMessage&& outbound, PublishImages* images) {
  const Qos qos = outbound.qos;
  if (outbound.message->is_expired(static_cast<int64_t>(environment_.shard.now_ms)))
    return drop_expired(*outbound.message, qos);  // [MQTT-3.3.2-5]
  if (qos == Qos::at_most_once) {
    const mqtt::Message& message = *outbound.message;  // the channel may take the share
    if (channel_->send_and_forget(outbound, images)) return sent(message, qos);
    return drop(Counter::messages_dropped_too_large, message, qos, "too_large");  // [MQTT-3.1.2-25]
  }
  if (!inflight_) inflight_ = std::make_unique<OutboundInflight>();
  OutboundInflight::Entry& entry = inflight_->add(std::move(outbound));
  if (channel_->send_publish(entry.outbound, false, images)) return sent(*entry.outbound.message, qos);
  drop_too_large(entry);
}

/// [MQTT-3.1.2-25] What the client cannot take is discarded as if it had been sent.
void Session::drop_too_large(OutboundInflight::Entry& entry) {
  const mqtt::MessageRef message = entry.outbound.message;
  const Qos qos = entry.outbound.qos;
  inflight_->give_up(entry);
  drop(Counter::messages_dropped_too_large, *message, qos, "too_large");
}

void Session::enqueue(OutboundMessage outbound) {
  if (outbound.qos == Qos::at_most_once && !environment_.limits->queue_stores_qos0)
    return drop(Counter::messages_dropped_qos0, *outbound.message, outbound.qos, "qos0");
  if (!queue_) queue_ = std::make_unique<OutboundQueue>();
  const size_t bytes = outbound.message->memory_size();
  QueueDropPolicy policy = environment_.limits->queue_drop_policy;
  if (!environment_.hooks.queue_overflow.empty() && queue_->is_full_for(outbound, *environment_.limits))
    policy = ask_overflow(outbound);
  const OutboundQueue::Dropped dropped = queue_->push(std::move(outbound), *environment_.limits, policy);
  base::Counters& counters = *environment_.shard.counters;
  counters.add(Counter::queued_messages);
  counters.add(Counter::queued_bytes, bytes);
  counters.subtract(Counter::queued_messages, dropped.messages.size());
  counters.subtract(Counter::queued_bytes, dropped.bytes);
  for (const OutboundMessage& gone : dropped.messages)
    drop(Counter::messages_dropped_queue_full, *gone.message, gone.qos, "queue_full");
}

QueueDropPolicy Session::ask_overflow(const OutboundMessage& candidate) {
  using Action = hooks::QueueOverflowEvent::Action;
  hooks::QueueOverflowEvent event;
  event.client = channel_ != nullptr ? client_.get() : nullptr;
  event.client_id = client_id();
  event.message = candidate.message.get();
  event.qos = candidate.qos;
  event.queued_messages = static_cast<uint32_t>(queue_->size());
  event.queued_bytes = queue_->bytes();
  hooks::transform(environment_.hooks.queue_overflow, environment_.deferrals, event);
  if (event.action == Action::configured) return environment_.limits->queue_drop_policy;
  if (event.action == Action::disconnect && channel_ != nullptr) disconnect_later();
  return event.action == Action::drop_oldest ? QueueDropPolicy::oldest : QueueDropPolicy::newest;
}

/// In a mail of its own: whoever delivers to the session must find it when this call returns.
void Session::disconnect_later() {
  environment_.fan_out.post(handle_.shard(), base::make_task([directory = environment_.directory, handle = handle_] {
                              Session* session = directory->find(handle);
                              if (session != nullptr && session->channel_ != nullptr)
                                session->channel_->end(CloseReason::slow_consumer);
                            }));
}

void Session::begin_resend() {
  if (inflight_) inflight_->begin_resend();
}

void Session::resend() {
  while (inflight_ && channel_->ready()) {
    OutboundInflight::Entry* entry = inflight_->next_resend(channel_->send_window());
    if (entry == nullptr) return;
    if (entry->state == OutboundInflight::State::awaiting_pubcomp) {
      channel_->send_pubrel(entry->outbound.packet_id);
    } else if (channel_->send_publish(entry->outbound, true,
                                      nullptr)) {  // [MQTT-3.3.1-1] DUP whenever it is sent again
      sent(*entry->outbound.message, entry->outbound.qos);
    } else {
      drop_too_large(*entry);  // the client takes less than on the connection before
    }
  }
}

void Session::pump() {
  if (channel_ == nullptr) return;
  resend();
  if (queue_) pump_queue();
  ask_for_retained();
}

void Session::pump_queue() {
  base::Counters& counters = *environment_.shard.counters;
  while (!queue_->empty() && channel_->ready()) {
    // Whatever its QoS, the head waits for its turn: order is kept. A QoS 0 head may leave although the window is full.
    const uint16_t send_window = channel_->send_window();
    const bool window = inflight_ ? inflight_->has_room(send_window) : send_window > 0;
    if (!window && queue_->front_qos() != Qos::at_most_once) break;
    OutboundMessage outbound = *queue_->pop();
    counters.subtract(Counter::queued_messages);
    counters.subtract(Counter::queued_bytes, outbound.message->memory_size());
    send(std::move(outbound), nullptr);
  }
}

}  // namespace patchbay::session

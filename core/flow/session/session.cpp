#include "session/session.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace patchbay::session {

using base::Counter;
using mqtt::Qos;

Session::Session(SessionEnvironment& environment, distribution::SubscriberHandle handle, access::ClientInfoRef client)
    : environment_(environment), handle_(handle), client_(std::move(client)) {}

Session::~Session() {
  if (queue_) {
    environment_.shard.counters->subtract(Counter::queued_messages, queue_->size());
    environment_.shard.counters->subtract(Counter::queued_bytes, queue_->bytes());
  }
}

void Session::attach(ClientChannel& channel) {
  PATCHBAY_ASSERT(channel_ == nullptr);
  channel_ = &channel;
}

void Session::detach() {
  channel_ = nullptr;
}

Subscription* Session::find_subscription(std::string_view topic_filter) {
  const auto found =
      std::find_if(subscriptions_.begin(), subscriptions_.end(),
                   [topic_filter](const Subscription& entry) { return entry.topic_filter == topic_filter; });
  return found == subscriptions_.end() ? nullptr : &*found;
}

void Session::keep_subscription(Subscription subscription) {
  Subscription* known = find_subscription(subscription.topic_filter);
  if (known != nullptr) {
    *known = std::move(subscription);
  } else {
    if (subscriptions_.empty())
      subscriptions_.reserve(1);  // most clients have one; the vector's own growth would take more
    subscriptions_.push_back(std::move(subscription));
  }
}

bool Session::forget_subscription(std::string_view topic_filter) {
  Subscription* known = find_subscription(topic_filter);
  if (known == nullptr) return false;
  subscriptions_.erase(subscriptions_.begin() + (known - subscriptions_.data()));
  return true;
}

void Session::drop(Counter reason, uint64_t count) {
  environment_.shard.count(reason, count);
  environment_.shard.count(Counter::messages_dropped, count);
}

void Session::deliver(const mqtt::MessageRef& message, const distribution::Delivery& delivery,
                      std::span<const distribution::Delivery> further, PublishImages* images) {
  const SessionLimits& limits = *environment_.limits;
  const bool own = message->publisher_handle() == handle_.value();
  if (own && delivery.options.no_local) return drop(Counter::messages_dropped_no_local);  // [MQTT-3.8.3-3]
  const Qos granted = static_cast<Qos>(delivery.options.maximum_qos);
  OutboundMessage outbound;
  outbound.message = message;
  outbound.qos = limits.upgrade_qos ? granted : mqtt::lower_qos(message->qos(), granted);  // [MQTT-3.8.4-8]
  // [MQTT-3.3.1-8] set for retained messages of a new subscription, [MQTT-3.3.1-9] else clear, [MQTT-3.3.1-13] unless
  // the client wants it as published
  outbound.retain = delivery.from_retained || (delivery.options.retain_as_published && message->retain());
  outbound.shared = delivery.shared;
  outbound.subscription_identifier = delivery.subscription_identifier;
  for (const distribution::Delivery& more : further) {
    if (more.subscription_identifier == 0) continue;
    if (!outbound.further_identifiers) outbound.further_identifiers = std::make_unique<std::vector<uint32_t>>();
    outbound.further_identifiers->push_back(more.subscription_identifier);
  }
  environment_.shard.count(Counter::messages_delivered);
  if (can_send(outbound.qos)) {
    send(std::move(outbound), images);
  } else {
    enqueue(std::move(outbound));
  }
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
}

void Session::send(OutboundMessage outbound, PublishImages* images) {
  const Qos qos = outbound.qos;
  if (outbound.message->is_expired(static_cast<int64_t>(environment_.shard.now_ms)))
    return drop(Counter::messages_dropped_expired);  // [MQTT-3.3.2-5]
  if (qos == Qos::at_most_once) {
    if (!channel_->send_publish(outbound, false, images))
      return drop(Counter::messages_dropped_too_large);  // [MQTT-3.1.2-25]
    return count_sent(qos);
  }
  if (!inflight_) inflight_ = std::make_unique<OutboundInflight>();
  const OutboundInflight::Entry& entry = inflight_->add(std::move(outbound));
  if (channel_->send_publish(entry.outbound, false, images)) return count_sent(qos);
  const bool settled =
      qos == Qos::at_least_once ? on_puback(entry.outbound.packet_id) : on_pubrec(entry.outbound.packet_id, true);
  PATCHBAY_ASSERT(settled);
  drop(Counter::messages_dropped_too_large);  // [MQTT-3.1.2-25] as if it had been sent
}

void Session::enqueue(OutboundMessage outbound) {
  if (outbound.qos == Qos::at_most_once && !environment_.limits->queue_stores_qos0)
    return drop(Counter::messages_dropped_qos0);
  if (!queue_) queue_ = std::make_unique<OutboundQueue>();
  const size_t bytes = outbound.message->memory_size();
  const OutboundQueue::Dropped dropped = queue_->push(std::move(outbound), *environment_.limits);
  base::Counters& counters = *environment_.shard.counters;
  counters.add(Counter::queued_messages);
  counters.add(Counter::queued_bytes, bytes);
  if (dropped.messages == 0) return;
  counters.subtract(Counter::queued_messages, dropped.messages);
  counters.subtract(Counter::queued_bytes, dropped.bytes);
  drop(Counter::messages_dropped_queue_full, dropped.messages);
}

void Session::begin_resend() {
  if (inflight_) inflight_->begin_resend();
}

void Session::resend() {
  while (inflight_ && channel_->ready()) {
    const OutboundInflight::Entry* entry = inflight_->next_resend(channel_->send_window());
    if (entry == nullptr) return;
    if (entry->state == OutboundInflight::State::awaiting_pubcomp) {
      channel_->send_pubrel(entry->outbound.packet_id);
    } else if (channel_->send_publish(entry->outbound, true, nullptr)) {  // [MQTT-3.3.1-1] DUP on every further attempt
      count_sent(entry->outbound.qos);
    }
  }
}

void Session::pump() {
  if (channel_ == nullptr) return;
  resend();
  if (queue_) pump_queue();
  if (retained_ && !retained_->idle()) retained_->resume();
}

void Session::pump_queue() {
  base::Counters& counters = *environment_.shard.counters;
  while (!queue_->empty() && channel_->ready()) {
    // Whatever its QoS, the head waits for its turn: order is kept. A QoS 0 head may leave although the window is full.
    const bool window = !inflight_ || inflight_->has_room(channel_->send_window());
    if (!window && queue_->front_qos() != Qos::at_most_once) break;
    OutboundMessage outbound = *queue_->pop();
    counters.subtract(Counter::queued_messages);
    counters.subtract(Counter::queued_bytes, outbound.message->memory_size());
    send(std::move(outbound), nullptr);
  }
}

bool Session::has_room_for_retained() const {
  const SessionLimits& limits = *environment_.limits;
  return channel_ != nullptr && queued_messages() * 2 <= limits.maximum_queued_messages &&
         (!queue_ || queue_->bytes() * 2 <= limits.maximum_queued_bytes);
}

bool Session::on_puback(uint16_t packet_id) {
  return inflight_ && inflight_->on_puback(packet_id) == OutboundInflight::Answer::settled;
}

bool Session::on_pubrec(uint16_t packet_id, bool failed) {
  if (!inflight_) return false;
  const OutboundInflight::Answer answer = inflight_->on_pubrec(packet_id, failed);
  if (answer == OutboundInflight::Answer::send_pubrel) channel_->send_pubrel(packet_id);
  return answer != OutboundInflight::Answer::unknown;
}

bool Session::on_pubcomp(uint16_t packet_id) {
  return inflight_ && inflight_->on_pubcomp(packet_id) == OutboundInflight::Answer::settled;
}

RetainedReplay& Session::retained() {
  if (!retained_) retained_ = std::make_unique<RetainedReplay>(*this);
  return *retained_;
}

InboundInflight& Session::inbound() {
  if (!inbound_) inbound_ = std::make_unique<InboundInflight>();
  return *inbound_;
}

std::vector<mqtt::MessageRef> Session::take_queued_shared() {
  std::vector<mqtt::MessageRef> messages;
  while (queue_ && !queue_->empty()) {
    OutboundMessage outbound = *queue_->pop();
    environment_.shard.counters->subtract(Counter::queued_messages);
    environment_.shard.counters->subtract(Counter::queued_bytes, outbound.message->memory_size());
    if (outbound.shared && outbound.qos != Qos::at_most_once) messages.push_back(std::move(outbound.message));
  }
  return messages;
}

}  // namespace patchbay::session

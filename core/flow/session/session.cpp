#include "session/session.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "hooks/dispatch.h"
#include "hooks/hook_points.h"
#include "router/retained_store.h"
#include "session/message_origin.h"
#include "topic/topic_filter.h"

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

void Session::drop(Counter reason, const mqtt::Message& message, Qos qos, std::string_view reason_text) {
  environment_.shard.count(reason);
  environment_.shard.count(Counter::messages_dropped);
  if (environment_.hooks.deliver_dropped.empty()) return;
  const access::ClientInfo* receiver = channel_ != nullptr ? client_.get() : nullptr;
  hooks::observe(environment_.hooks.deliver_dropped, {receiver, client_id(), &message, qos, reason_text});
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

OutboundMessage Session::outbound_of(const mqtt::MessageRef& message, const distribution::Delivery& delivery,
                                     std::span<const distribution::Delivery> further) const {
  const Qos granted = static_cast<Qos>(delivery.options.maximum_qos);
  OutboundMessage outbound;
  outbound.message = message;
  outbound.qos = environment_.limits->upgrade_qos ? granted : mqtt::lower_qos(message->qos(), granted);
  // [MQTT-3.8.4-8] the lower QoS; RETAIN is set for a retained message of a new subscription, else clear
  // [MQTT-3.3.1-12] unless the subscription wants it as published [MQTT-3.3.1-13]
  outbound.retain = delivery.from_retained || (delivery.options.retain_as_published && message->retain());
  outbound.shared_group = delivery.shared_group;
  outbound.subscription_identifier = delivery.subscription_identifier;
  for (const distribution::Delivery& more : further) {
    if (more.subscription_identifier == 0) continue;
    if (!outbound.further_identifiers) outbound.further_identifiers = std::make_unique<std::vector<uint32_t>>();
    outbound.further_identifiers->push_back(more.subscription_identifier);
  }
  return outbound;
}

void Session::deliver(const mqtt::MessageRef& message, const distribution::Delivery& delivery,
                      std::span<const distribution::Delivery> further, PublishImages* images) {
  OutboundMessage outbound = outbound_of(message, delivery, further);
  // [MQTT-3.8.3-3] by client id: the publisher's session may have been another one
  if (delivery.options.no_local && message->publisher_client_id() == client_id())
    return drop(Counter::messages_dropped_no_local, *message, outbound.qos, "no_local");
  if (!environment_.hooks.deliver_before.empty()) {
    if (!transform(outbound.message)) return drop(Counter::messages_dropped_hook, *message, outbound.qos, "hook");
    if (outbound.message != message) images = nullptr;  // this receiver's message is its own
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
    return drop(Counter::messages_dropped_expired, *outbound.message, qos, "expired");  // [MQTT-3.3.2-5]
  if (qos == Qos::at_most_once) {
    if (channel_->send_publish(outbound, false, images)) return count_sent(qos);
    return drop(Counter::messages_dropped_too_large, *outbound.message, qos, "too_large");  // [MQTT-3.1.2-25]
  }
  if (!inflight_) inflight_ = std::make_unique<OutboundInflight>();
  OutboundInflight::Entry& entry = inflight_->add(std::move(outbound));
  if (channel_->send_publish(entry.outbound, false, images)) return count_sent(qos);
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
  const OutboundQueue::Dropped dropped = queue_->push(std::move(outbound), *environment_.limits);
  base::Counters& counters = *environment_.shard.counters;
  counters.add(Counter::queued_messages);
  counters.add(Counter::queued_bytes, bytes);
  counters.subtract(Counter::queued_messages, dropped.messages.size());
  counters.subtract(Counter::queued_bytes, dropped.bytes);
  for (const OutboundMessage& gone : dropped.messages)
    drop(Counter::messages_dropped_queue_full, *gone.message, gone.qos, "queue_full");
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
      count_sent(entry->outbound.qos);
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

/// deliver.acked: the client has the message. With QoS 2 it is PUBREC that says so.
void Session::observe_acknowledged(uint16_t packet_id) {
  if (environment_.hooks.deliver_acked.empty() || !inflight_) return;
  const OutboundInflight::Entry* entry = inflight_->peek(packet_id);
  if (entry == nullptr || !entry->outbound.message) return;
  const OutboundMessage& outbound = entry->outbound;
  hooks::observe(environment_.hooks.deliver_acked,
                 {client_.get(), client_id(), outbound.message.get(), outbound.qos, {}});
}

bool Session::on_puback(uint16_t packet_id) {
  observe_acknowledged(packet_id);
  return inflight_ && inflight_->on_puback(packet_id) == OutboundInflight::Answer::settled;
}

bool Session::on_pubrec(uint16_t packet_id, bool failed) {
  if (!inflight_) return false;
  if (!failed) observe_acknowledged(packet_id);
  const OutboundInflight::Answer answer = inflight_->on_pubrec(packet_id, failed);
  if (answer == OutboundInflight::Answer::send_pubrel) channel_->send_pubrel(packet_id);
  return answer != OutboundInflight::Answer::unknown;
}

bool Session::on_pubcomp(uint16_t packet_id) {
  return inflight_ && inflight_->on_pubcomp(packet_id) == OutboundInflight::Answer::settled;
}

void Session::begin_retained(const Subscription& subscription) {
  const auto parsed = topic::parse_filter(subscription.topic_filter);
  if (!parsed) return;
  distribution::Delivery delivery;
  delivery.subscriber = handle_;
  delivery.options = subscription.options;
  delivery.subscription_identifier = subscription.subscription_identifier;
  delivery.from_retained = 1;
  if (!retained_) retained_ = std::make_unique<RetainedReplay>();
  retained_->begin(subscription.topic_filter, parsed->filter, delivery, environment_.retained.begin(parsed->filter));
  ask_for_retained();
}

void Session::cancel_retained(std::string_view topic_filter) {
  if (retained_) retained_->cancel(topic_filter);
}

/// As many as fit into the queue's free half, shared by all look-ups, in case the client takes none at once.
size_t Session::retained_page_size() const {
  const SessionLimits& limits = *environment_.limits;
  const size_t queued = queued_messages();
  const size_t room = limits.maximum_queued_messages > queued ? limits.maximum_queued_messages - queued : 0;
  return std::clamp<size_t>(room / 2 / retained_->size(), 1, std::max<size_t>(limits.retained_page, 1));
}

void Session::ask_for_retained() {
  while (retained_ && has_room_for_retained()) {
    const auto request = retained_->next_request();
    if (!request) break;
    // The session may have ended when the page comes: it is found again by its handle, never by a pointer.
    environment_.retained.request_page(request->filter, *request->cursor, retained_page_size(),
                                       [directory = environment_.directory, handle = handle_,
                                        sequence = request->sequence](router::RetainedPage&& page) {
                                         Session* session = directory->find(handle);
                                         if (session != nullptr) session->on_retained_page(sequence, std::move(page));
                                       });
  }
  if (retained_ && retained_->size() == 0) retained_.reset();
}

void Session::on_retained_page(uint32_t sequence, router::RetainedPage&& page) {
  const auto delivery = retained_ ? retained_->take(sequence, std::move(page.next)) : std::nullopt;
  if (!delivery) return;
  for (const mqtt::MessageRef& message : page.messages) deliver(message, *delivery, {}, nullptr);
  ask_for_retained();
}

InboundInflight& Session::inbound() {
  if (!inbound_) inbound_ = std::make_unique<InboundInflight>();
  return *inbound_;
}

std::vector<OutboundMessage> Session::take_shared() {
  std::vector<OutboundMessage> messages;
  if (inflight_) {
    inflight_->for_each_unsettled([&messages](OutboundInflight::Entry& entry) {
      if (entry.outbound.shared_group == 0 || entry.state != OutboundInflight::State::awaiting_puback) return;
      messages.push_back(std::move(entry.outbound));
    });
    inflight_.reset();
  }
  while (queue_ && !queue_->empty()) {
    OutboundMessage outbound = *queue_->pop();
    environment_.shard.counters->subtract(Counter::queued_messages);
    environment_.shard.counters->subtract(Counter::queued_bytes, outbound.message->memory_size());
    if (outbound.shared_group != 0 && outbound.qos != Qos::at_most_once) messages.push_back(std::move(outbound));
  }
  return messages;
}

}  // namespace patchbay::session

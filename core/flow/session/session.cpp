#include "session/session.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "hooks/dispatch.h"
#include "hooks/hook_points.h"

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
  if (beside_) beside_->messages = {};
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

/// deliver.acked: the client has the message, or refused it. With QoS 2 it is PUBREC that says so.
void Session::observe_acknowledged(uint16_t packet_id, mqtt::ReasonCode reason) {
  if (environment_.hooks.deliver_acked.empty() || !inflight_) return;
  const OutboundInflight::Entry* entry = inflight_->peek(packet_id);
  if (entry == nullptr || !entry->outbound.message) return;
  const std::string_view refusal = mqtt::is_failure(reason) ? mqtt::reason_code_name(reason) : std::string_view();
  tell(environment_.hooks.deliver_acked, *entry->outbound.message, entry->outbound.qos, refusal);
}

bool Session::on_puback(uint16_t packet_id, mqtt::ReasonCode reason) {
  observe_acknowledged(packet_id, reason);
  return inflight_ && inflight_->on_puback(packet_id) == OutboundInflight::Answer::settled;
}

bool Session::on_pubrec(uint16_t packet_id, mqtt::ReasonCode reason) {
  if (!inflight_) return false;
  observe_acknowledged(packet_id, reason);
  const OutboundInflight::Answer answer = inflight_->on_pubrec(packet_id, mqtt::is_failure(reason));
  if (answer == OutboundInflight::Answer::send_pubrel) channel_->send_pubrel(packet_id);
  return answer != OutboundInflight::Answer::unknown;
}

bool Session::on_pubcomp(uint16_t packet_id) {
  return inflight_ && inflight_->on_pubcomp(packet_id) == OutboundInflight::Answer::settled;
}

InboundInflight& Session::inbound() {
  if (!inbound_) inbound_ = std::make_unique<InboundInflight>();
  return *inbound_;
}

std::vector<OutboundMessage> Session::take_shared() {
  std::vector<OutboundMessage> messages;
  const auto lose = [this](const OutboundMessage& outbound) {
    if (outbound.message) tell(environment_.hooks.deliver_dropped, *outbound.message, outbound.qos, "session_ended");
  };
  if (inflight_) {
    inflight_->for_each_unsettled([&messages, &lose](OutboundInflight::Entry& entry) {
      if (entry.outbound.shared_group == 0 || entry.state != OutboundInflight::State::awaiting_puback)
        return lose(entry.outbound);
      messages.push_back(std::move(entry.outbound));
    });
    inflight_.reset();
  }
  while (queue_ && !queue_->empty()) {
    OutboundMessage outbound = *queue_->pop();
    environment_.shard.counters->subtract(Counter::queued_messages);
    environment_.shard.counters->subtract(Counter::queued_bytes, outbound.message->memory_size());
    if (outbound.shared_group != 0 && outbound.qos != Qos::at_most_once) {
      messages.push_back(std::move(outbound));
    } else {
      lose(outbound);
    }
  }
  return messages;
}

}  // namespace patchbay::session

// Messages for the client, and their acknowledgements.
#include <utility>

#include "connection.h"
#include "stomp_plugin.h"

namespace patchbay::stomp {

namespace {
constexpr std::size_t kFlushBytes = 32'768;         ///< written together at most, about
constexpr std::size_t kSharedPayloadBytes = 4'096;  ///< from here on the broker's own bytes are written
constexpr std::uint8_t kRefused = 0x83;             ///< MQTT 5, 2.4: implementation specific error
}  // namespace

std::size_t Connection::on_deliver(std::span<const patchbay_delivery> deliveries) {
  if (state_ != State::connected) return state_ == State::closed ? deliveries.size() : 0;
  Scratch& scratch = owner().scratch();
  scratch.output.clear();
  scratch.congested = false;
  std::size_t taken = 0;
  while (taken < deliveries.size() && !scratch.congested) {
    deliver(deliveries[taken++], scratch);
    if (scratch.output.size() >= kFlushBytes) flush(scratch);
  }
  flush(scratch);
  return taken;
}

void Connection::flush(Scratch& scratch) {
  if (scratch.output.empty()) return;
  if (scratch.delivered != 0) owner().counters().messages_delivered.add(std::exchange(scratch.delivered, 0));
  heart_beat_.wrote();
  if (write(std::string_view(scratch.output)) != PATCHBAY_OK) scratch.congested = true;
  scratch.output.clear();
}

void Connection::deliver(const patchbay_delivery& delivery, Scratch& scratch) {
  const patchbay_message_view view = message_of(delivery).view();
  std::uint32_t waiting = 0;
  const auto give = [&](Subscription& subscription) {
    waiting += hand_to(subscription, delivery, view, scratch) ? 1 : 0;
  };
  for (std::size_t i = 0; i < delivery.subscription_id_count; ++i) {
    SubscriptionTable::Filter* filter = subscriptions_.filter(delivery.subscription_ids[i]);
    if (filter == nullptr || filter->members.empty()) continue;  // it was unsubscribed meanwhile
    if (filter->members.size() == 1) {
      give(*filter->members.front());
    } else if (is_shared(filter->topic_filter)) {
      give(SubscriptionTable::pick(*filter));
    } else if (delivery.retain != 0) {
      give(*filter->members.back());  // the answer to the newest SUBSCRIBE: the others had theirs
    } else {
      for (Subscription* member : filter->members) give(*member);
    }
  }
  if (delivery.delivery == 0) return;
  if (waiting == 0) ack(delivery);
  if (waiting > 1) fan_out_.emplace(delivery.delivery, waiting);
}

bool Connection::hand_to(Subscription& subscription, const patchbay_delivery& delivery,
                         const patchbay_message_view& view, Scratch& scratch) {
  HeldMessage each;
  each.sequence = ++subscription.last_sequence;
  each.delivery = subscription.ack == AckMode::automatic ? 0 : delivery.delivery;
  each.qos = delivery.qos;
  each.retain = delivery.retain != 0;
  each.redelivered = delivery.redelivered != 0;
  if (each.delivery != 0 && (!subscription.has_room() || !subscription.held.empty())) {
    // Bounded by max_unacknowledged: the broker sends no more before some are acknowledged.
    each.message = message_of(delivery).hold();
    subscription.held.push_back(std::move(each));
    return true;
  }
  if (!write_message(subscription, each, message_of(delivery), view, scratch) || each.delivery == 0) return false;
  subscription.unacknowledged.emplace(each.sequence, each.delivery);
  return true;
}

bool Connection::append_head(const Subscription& subscription, const HeldMessage& held, patchbay::message message,
                             const patchbay_message_view& view, std::string& out) {
  const bool acks = subscription.ack != AckMode::automatic;
  const std::string id = AckId{subscription.number, held.sequence, acks && held.delivery == 0}.text();
  std::string& destination = owner().scratch().destination;
  destination.clear();
  append_destination(destination, patchbay::text(view.topic), subscription.form, settings().destinations);
  const MessageEnvelope envelope = {.head = subscription.head,
                                    .message_id = id,
                                    .with_ack = acks && version_ == Version::v1_2,
                                    .qos = held.qos,
                                    .retain = held.retain,
                                    .redelivered = held.redelivered,
                                    .destination = destination,
                                    .plain_reply = subscription.form == DestinationForm::plain};
  std::uint64_t omitted = 0;
  if (!append_message_head(out, envelope, message, view, version_, settings().destinations, omitted)) {
    owner().counters().messages_not_representable.add();
    return false;
  }
  if (omitted != 0) owner().counters().headers_omitted.add(omitted);
  return true;
}

bool Connection::write_message(const Subscription& subscription, const HeldMessage& held, patchbay::message message,
                               const patchbay_message_view& view, Scratch& scratch) {
  if (!append_head(subscription, held, message, view, scratch.output)) return false;
  ++scratch.delivered;
  if (view.payload.len < kSharedPayloadBytes) {
    scratch.output.append(patchbay::as_text(patchbay::span(view.payload)));
  } else {
    flush(scratch);
    if (write_payload(message, 0, view.payload.len) != PATCHBAY_OK) scratch.congested = true;
  }
  scratch.output += '\0';
  return true;
}

/// A held message whose turn has come. False: the client gets nothing, and will not acknowledge it.
bool Connection::write_held(const Subscription& subscription, const HeldMessage& held, Scratch& scratch) {
  if (held.message) {
    const patchbay::message message = held.message.view();
    return write_message(subscription, held, message, message.view(), scratch);
  }
  scratch.delivered += held.frame.empty() ? 0 : 1;
  scratch.output.append(held.frame);
  return !held.frame.empty();
}

/// Sends what waited for room.
void Connection::release_held(Subscription& subscription) {
  Scratch& scratch = owner().scratch();
  scratch.output.clear();
  while (!subscription.held.empty() && subscription.has_room()) {
    const HeldMessage held = std::move(subscription.held.front());
    subscription.held.pop_front();
    if (write_held(subscription, held, scratch)) {
      subscription.unacknowledged.emplace(held.sequence, held.delivery);
    } else {
      settle(held.delivery, Settled::acknowledged);
    }
  }
  flush(scratch);
}

void Connection::apply(const AckId& id, Settled how) {
  Subscription* subscription = subscriptions_.by_number(id.subscription);
  if (subscription == nullptr) return;
  for (const std::uint64_t delivery : subscription->take(id)) settle(delivery, how);
  release_held(*subscription);
}

/// One subscription is done with a delivery; the broker is told when all are.
void Connection::settle(std::uint64_t delivery, Settled how) {
  const bool refused = how == Settled::refused;
  if (refused) owner().counters().messages_refused.add();
  if (const auto found = fan_out_.find(delivery); found != fan_out_.end()) {
    if (--found->second != 0) return;
    fan_out_.erase(found);
  }
  table_->ack(raw_, delivery, refused ? kRefused : 0);
}

/// The subscription goes: nobody will acknowledge what it has.
void Connection::forget(const Subscription& subscription) {
  for (const auto& [sequence, delivery] : subscription.unacknowledged) settle(delivery, Settled::acknowledged);
  for (const HeldMessage& held : subscription.held) settle(held.delivery, Settled::acknowledged);
}

}  // namespace patchbay::stomp

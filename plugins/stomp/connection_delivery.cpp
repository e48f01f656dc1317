// Messages for the client, and their acknowledgements.
#include <utility>

#include "connection.h"
#include "stomp_plugin.h"

namespace patchbay::stomp {

namespace {
constexpr std::size_t kFlushBytes = 65'536;         ///< written together at most, about
constexpr std::size_t kHeadBytes = 256;             ///< of a frame: most subscriptions have shorter ids
constexpr std::size_t kCopiedBytes = 1'280;         ///< of a frame's rest: up to here a copy costs less than a span
constexpr std::size_t kSharedPayloadBytes = 4'096;  ///< from here on the broker's own bytes are written
constexpr std::string_view kUnaskedId = "operator";
constexpr std::uint8_t kRefused = 0x83;  ///< MQTT 5, 2.4: implementation specific error
}  // namespace

std::size_t Connection::on_deliver(std::span<const patchbay_delivery> deliveries) {
  if (state_ != State::connected) return state_ == State::closed ? deliveries.size() : 0;
  Scratch& scratch = owner().scratch();
  scratch.output.clear();
  scratch.congested = false;
  scratch.tails.begin_batch(deliveries.front().message, this);
  std::size_t taken = 0;
  while (taken < deliveries.size() && !scratch.congested) {
    deliver(deliveries[taken], taken, scratch);
    ++taken;
    if (scratch.output.size() >= kFlushBytes) flush(scratch);
  }
  flush(scratch);
  return taken;
}

void Connection::flush(Scratch& scratch) {
  if (scratch.output.empty()) return;
  if (scratch.delivered != 0) owner().counters().messages_delivered.add(std::exchange(scratch.delivered, 0));
  heart_beat_.wrote();
  const std::span<const patchbay_bytes> spans = scratch.output.spans();
  if (table_->write(raw_, spans.data(), spans.size()) != PATCHBAY_OK) scratch.congested = true;
  scratch.output.clear();
}

/// The common case at its price: one subscription, which acknowledges nothing, and a tail that is there. False: it is
/// not that case, and nothing is done.
bool Connection::deliver_made(const patchbay_delivery& delivery, std::size_t place, Scratch& scratch) {
  if (delivery.subscription_id_count != 1 || delivery.delivery != 0) return false;
  const SubscriptionTable::Filter* filter = subscriptions_.filter(delivery.subscription_ids[0]);
  if (filter == nullptr || filter->members.size() != 1) return false;
  Subscription& subscription = *filter->members.front();
  const MessageTail* tail =
      scratch.tails.made(place, delivery.message,
                         {version_, subscription.form, delivery.qos, delivery.retain != 0, delivery.redelivered != 0});
  if (tail == nullptr || subscription.ack != AckMode::automatic || !scratch.output.has_room(kHeadBytes + kCopiedBytes))
    return false;
  ++subscription.last_sequence;
  const std::string_view head = subscription.next_head.next();
  if (head.size() > kHeadBytes) {
    add_frame(head, tail->bytes, true, scratch);
  } else {
    scratch.output.append(head);
    if (tail->bytes.size() <= kCopiedBytes) {
      scratch.output.append(tail->bytes);
    } else {
      scratch.output.refer(tail->bytes);
    }
  }
  ++scratch.delivered;
  return true;
}

void Connection::deliver(const patchbay_delivery& delivery, std::size_t place, Scratch& scratch) {
  if (deliver_made(delivery, place, scratch)) return;
  std::uint32_t waiting = 0;
  const auto give = [&](Subscription& subscription) {
    waiting += hand_to(subscription, delivery, place, scratch) ? 1 : 0;
  };
  if (delivery.subscription_id_count == 0) give(unasked());
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

bool Connection::hand_to(Subscription& subscription, const patchbay_delivery& delivery, std::size_t place,
                         Scratch& scratch) {
  const MessageMark mark = {.sequence = ++subscription.last_sequence,
                            .delivery = subscription.ack == AckMode::automatic ? 0 : delivery.delivery,
                            .qos = delivery.qos,
                            .retain = delivery.retain != 0,
                            .redelivered = delivery.redelivered != 0};
  if (mark.delivery != 0 && (!subscription.has_room() || !subscription.held.empty())) {
    // Bounded by max_unacknowledged: the broker sends no more before some are acknowledged.
    subscription.held.push_back({mark, message_of(delivery).hold(), {}});
    return true;
  }
  if (!write_message(subscription, mark, message_of(delivery), place, scratch) || mark.delivery == 0) return false;
  subscription.unacknowledged.emplace(mark.sequence, mark.delivery);
  return true;
}

Subscription& Connection::unasked() {
  if (unasked_ != nullptr) return *unasked_;
  unasked_ = std::make_unique<Subscription>();
  unasked_->number = subscriptions_.take_number();
  unasked_->form = settings().destinations.topic_prefix.empty() ? DestinationForm::plain : DestinationForm::topic;
  unasked_->head = "MESSAGE";
  // "MUST include a subscription header" since 1.1; 1.0 has one only where the client gave an id.
  if (version_ != Version::v1_0) {
    unasked_->id = kUnaskedId;
    while (subscriptions_.find(unasked_->id) != nullptr) unasked_->id += '-';
    unasked_->head.append("\nsubscription:").append(unasked_->id);
  }
  unasked_->make_heads();
  return *unasked_;
}

/// The headers of a MESSAGE that are the subscription's own, where it acknowledges, and the line end behind them.
void Connection::append_head(const Subscription& subscription, const MessageMark& mark, std::string& out) const {
  const bool expects_nothing = mark.delivery == 0;
  out.append(subscription.frame_head);
  AckId::append_sequence(out, mark.sequence, expects_nothing);
  if (version_ == Version::v1_2) {
    out.append(subscription.ack_head);
    AckId::append_sequence(out, mark.sequence, expects_nothing);
  }
  out += '\n';
}

TailForm Connection::tail_form(const Subscription& subscription, const MessageMark& mark) const {
  return {version_, subscription.form, mark.qos, mark.retain, mark.redelivered};
}

void Connection::make_tail(MessageTail& tail, const TailForm& form, patchbay::message message) const {
  const patchbay_message_view view = message.view();
  std::uint64_t omitted = 0;
  tail.representable = append_message_tail(tail.bytes, form, message, view, settings().destinations, omitted);
  tail.separate_body_length = view.payload.len < kSharedPayloadBytes ? 0 : view.payload.len;
  if (omitted != 0) owner().counters().headers_omitted.add(omitted);
  if (!tail.representable || tail.separate_body_length != 0) return;
  tail.bytes.append(patchbay::as_text(patchbay::span(view.payload)));
  tail.bytes += '\0';
}

bool Connection::write_message(Subscription& subscription, const MessageMark& mark, patchbay::message message,
                               std::size_t place, Scratch& scratch) {
  const TailForm form = tail_form(subscription, mark);
  const MessageTails::Place found = scratch.tails.find(place, message, form);
  MessageTail& tail = found.tail;
  if (!found.made) make_tail(tail, form, message);
  std::string_view head;
  if (subscription.ack == AckMode::automatic) {
    head = subscription.next_head.next();
  } else {
    scratch.head.clear();
    append_head(subscription, mark, scratch.head);
    head = scratch.head;
  }
  if (!tail.representable) {
    owner().counters().messages_not_representable.add();
    return false;
  }
  add_frame(head, tail.bytes, found.kept, scratch);
  ++scratch.delivered;
  if (tail.separate_body_length == 0) return true;
  flush(scratch);
  if (write_payload(message, 0, tail.separate_body_length) != PATCHBAY_OK) scratch.congested = true;
  add_frame(std::string_view("\0", 1), {}, false, scratch);
  return true;
}

/// `kept`: the rest stays as it is until it is written.
void Connection::add_frame(std::string_view head, std::string_view rest, bool kept, Scratch& scratch) {
  FrameBatch& output = scratch.output;
  const bool copied = !kept || rest.size() <= kCopiedBytes;
  const std::size_t own_bytes = head.size() + (copied ? rest.size() : 0);
  if (!output.has_room(own_bytes)) {
    flush(scratch);
    output.make_room(own_bytes);
  }
  output.append(head);
  if (copied) {
    output.append(rest);
  } else {
    output.refer(rest);
  }
}

/// A held message whose turn has come. False: the client gets nothing, and will not acknowledge it.
bool Connection::write_held(Subscription& subscription, const HeldMessage& held, Scratch& scratch) {
  if (held.message) {
    return write_message(subscription, held, held.message.view(), MessageTails::kNoPlace, scratch);
  }
  if (held.frame.empty()) return false;
  ++scratch.delivered;
  add_frame(held.frame, {}, false, scratch);
  return true;
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

// A connection goes on with the next version of this plugin: what it has, written and read. The client id, the session
// and bytes that were not consumed stay with the broker.
#include "connection.h"
#include "state_codec.h"
#include "stomp_plugin.h"

namespace patchbay::stomp {

namespace {
constexpr std::uint64_t kForm = 1;  ///< of these bytes; another one is not read
}

patchbay::status Connection::freeze(patchbay::writer out) {
  if (state_ == State::closed) return PATCHBAY_CLOSED;
  StateWriter state;
  state.number(kForm);
  state.number(static_cast<std::uint64_t>(state_));
  state.number(static_cast<std::uint64_t>(version_));
  state.number(heart_beat_.send_ms());
  state.number(heart_beat_.receive_ms());
  freeze_operations(state);
  freeze_transactions(state);
  freeze_subscriptions(state);
  return out.write(std::string_view(state.bytes()));
}

void Connection::freeze_operations(StateWriter& state) const {
  state.number(next_operation_);
  state.number(outstanding_);
  state.text(disconnect_receipt_);
  state.text(client_id_);
  state.number(operations_.size());
  for (const auto& [number, operation] : operations_) {
    state.number(number);
    state.text(operation.what);
    state.text(operation.receipt);
    state.number(operation.group);
  }
  state.number(groups_.size());
  for (const auto& [number, group] : groups_) {
    state.number(number);
    state.number(group.waiting);
    state.text(group.receipt);
  }
  state.number(fan_out_.size());
  for (const auto& [delivery, waiting] : fan_out_) {
    state.number(delivery);
    state.number(waiting);
  }
}

void Connection::freeze_transactions(StateWriter& state) const {
  state.number(transactions_.size());
  for (const auto& [name, frames] : transactions_.all()) {
    state.text(name);
    state.number(frames.size());
    for (const std::string& frame : frames) state.text(frame);
  }
}

void Connection::freeze_subscriptions(StateWriter& state) {
  state.number(subscriptions_.next_number());
  state.number(subscriptions_.next_broker_id());
  state.number(subscriptions_.size());
  for (const auto& each : subscriptions_.all()) {
    const SubscriptionTable::Filter& filter = *subscriptions_.filter(each->broker_id);
    state.text(filter.topic_filter);
    state.number(filter.qos);
    state.text(each->id);
    state.number(each->named ? 1 : 0);
    state.number(each->number);
    state.number(each->broker_id);
    state.number(static_cast<std::uint64_t>(each->form));
    state.number(static_cast<std::uint64_t>(each->ack));
    state.number(each->prefetch_count);
    state.number(each->last_sequence);
    state.text(each->head);
    state.number(each->unacknowledged.size());
    for (const auto& [sequence, delivery] : each->unacknowledged) {
      state.number(sequence);
      state.number(delivery);
    }
    state.number(each->held.size());
    for (const HeldMessage& held : each->held) freeze_held(*each, held, state);
  }
}

/// As the whole frame: a share of the broker's message would be this version's, and keep it from leaving.
void Connection::freeze_held(const Subscription& subscription, const HeldMessage& held, StateWriter& state) {
  state.number(held.sequence);
  state.number(held.delivery);
  if (!held.frame.empty()) return state.text(held.frame);
  const patchbay::message message = held.message.view();
  MessageTail tail;
  make_tail(tail, tail_form(subscription, held), message);
  std::string frame;
  if (tail.representable) {
    append_head(subscription, held, frame);
    frame.append(tail.bytes);
    if (tail.separate_body_length != 0) frame.append(message.payload_text()) += '\0';
  }
  state.text(frame);
}

bool Connection::thaw(const patchbay_connection_info&, patchbay::bytes frozen) {
  StateReader state(patchbay::as_text(frozen));
  if (state.number() != kForm) return false;
  state_ = state.as<State>();
  version_ = state.as<Version>();
  const auto send_ms = state.as<std::uint32_t>();
  const auto receive_ms = state.as<std::uint32_t>();
  heart_beat_.resume(send_ms, receive_ms, now_ms());
  thaw_operations(state);
  thaw_transactions(state);
  thaw_subscriptions(state);
  if (!state.at_end()) return false;
  if (state_ == State::connected) start_timer();
  return true;
}

void Connection::thaw_operations(StateReader& state) {
  next_operation_ = state.number();
  outstanding_ = state.number();
  disconnect_receipt_ = state.text();
  client_id_ = state.text();
  for (std::uint64_t left = state.count(); left > 0 && state.good(); --left) {
    const std::uint64_t number = state.number();
    Operation& operation = operations_[number];
    operation.what = state.text();
    operation.receipt = state.text();
    operation.group = state.number();
  }
  for (std::uint64_t left = state.count(); left > 0 && state.good(); --left) {
    Group& group = groups_[state.number()];
    group.waiting = state.as<std::uint32_t>();
    group.receipt = state.text();
  }
  for (std::uint64_t left = state.count(); left > 0 && state.good(); --left) {
    const std::uint64_t delivery = state.number();
    fan_out_[delivery] = state.as<std::uint32_t>();
  }
}

void Connection::thaw_transactions(StateReader& state) {
  for (std::uint64_t left = state.count(); left > 0 && state.good(); --left) {
    const std::string name = state.text();
    transactions_.begin(name);
    for (std::uint64_t frames = state.count(); frames > 0 && state.good(); --frames) {
      transactions_.add(name, state.text());
    }
  }
}

void Connection::thaw_subscriptions(StateReader& state) {
  const auto next_number = state.as<std::uint32_t>();
  subscriptions_.resume(next_number, state.as<std::uint32_t>());
  for (std::uint64_t left = state.count(); left > 0 && state.good(); --left) {
    const std::string topic_filter = state.text();
    const auto qos = state.as<std::uint8_t>();
    Subscription each;
    each.id = state.text();
    each.named = state.number() != 0;
    each.number = state.as<std::uint32_t>();
    each.broker_id = state.as<std::uint32_t>();
    each.form = state.as<DestinationForm>();
    each.ack = state.as<AckMode>();
    each.prefetch_count = state.as<std::uint32_t>();
    each.last_sequence = state.number();
    each.head = state.text();
    for (std::uint64_t entries = state.count(); entries > 0 && state.good(); --entries) {
      const std::uint64_t sequence = state.number();
      each.unacknowledged[sequence] = state.number();
    }
    for (std::uint64_t entries = state.count(); entries > 0 && state.good(); --entries) {
      HeldMessage& held = each.held.emplace_back();
      held.sequence = state.number();
      held.delivery = state.number();
      held.frame = state.text();
    }
    subscriptions_.add(std::move(each), topic_filter, qos);
  }
}

}  // namespace patchbay::stomp

#include "session/outbound_inflight.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace patchbay::session {

namespace {
// An old message that a client never acknowledges holds back the sequence; this bounds how far newer ones may run ahead
// of it.
constexpr size_t kSequencePerWindow = 8;
constexpr size_t kSmallestSequence = 256;
}  // namespace

bool OutboundInflight::has_room(size_t window) const {
  const size_t sequence = std::min<size_t>(std::max(window * kSequencePerWindow, kSmallestSequence), kIdentifiers);
  return unsettled_ < window && resend_due_ == 0 && entries_.size() < sequence;
}

OutboundInflight::Entry& OutboundInflight::add(OutboundMessage outbound) {
  PATCHBAY_ASSERT(outbound.qos != mqtt::Qos::at_most_once);
  outbound.packet_id = next_packet_id_;  // [MQTT-2.2.1-3] never 0
  next_packet_id_ = next_packet_id_ == kIdentifiers ? 1 : static_cast<uint16_t>(next_packet_id_ + 1);
  const State state = outbound.qos == mqtt::Qos::at_least_once ? State::awaiting_puback : State::awaiting_pubrec;
  entries_.push_back({std::move(outbound), state});
  ++unsettled_;
  return entries_[entries_.size() - 1];
}

OutboundInflight::Entry* OutboundInflight::find(uint16_t packet_id) {
  if (entries_.empty() || packet_id == 0) return nullptr;
  const uint32_t oldest = entries_.front().outbound.packet_id;
  const uint32_t place = (packet_id + kIdentifiers - oldest) % kIdentifiers;
  return place < entries_.size() ? &entries_[place] : nullptr;
}

void OutboundInflight::settle(Entry& entry) {
  entry.state = State::settled;
  entry.outbound.message.reset();
  --unsettled_;
  if (std::exchange(entry.resend_due, false)) --resend_due_;
  while (!entries_.empty() && entries_.front().state == State::settled) static_cast<void>(entries_.pop_front());
}

void OutboundInflight::begin_resend() {
  for (size_t i = 0; i < entries_.size(); ++i) entries_[i].resend_due = entries_[i].state != State::settled;
  resend_due_ = unsettled_;
}

OutboundInflight::Entry* OutboundInflight::next_resend(size_t window) {
  if (resend_due_ == 0 || unsettled_ - resend_due_ >= window) return nullptr;
  for (size_t i = 0; i < entries_.size(); ++i) {
    if (!entries_[i].resend_due) continue;
    entries_[i].resend_due = false;
    --resend_due_;
    return &entries_[i];
  }
  PATCHBAY_ASSERT(!"resend_due_ counts an entry that is not there");
}

OutboundInflight::Answer OutboundInflight::on_puback(uint16_t packet_id) {
  Entry* entry = find(packet_id);
  if (entry == nullptr || entry->state != State::awaiting_puback) return Answer::unknown;
  settle(*entry);
  return Answer::settled;
}

OutboundInflight::Answer OutboundInflight::on_pubrec(uint16_t packet_id, bool failed) {
  Entry* entry = find(packet_id);
  if (entry == nullptr) return Answer::unknown;
  // A PUBREC that comes again gets its PUBREL again: the first one may have been lost with a connection.
  if (entry->state == State::awaiting_pubcomp && !failed) return Answer::send_pubrel;
  if (entry->state != State::awaiting_pubrec) return Answer::unknown;
  if (failed) {
    settle(*entry);
    return Answer::settled;
  }
  entry->state = State::awaiting_pubcomp;
  entry->outbound.message.reset();  // [MQTT-4.3.3-6] never sent again: it is the receiver's now
  return Answer::send_pubrel;
}

OutboundInflight::Answer OutboundInflight::on_pubcomp(uint16_t packet_id) {
  Entry* entry = find(packet_id);
  if (entry == nullptr || entry->state != State::awaiting_pubcomp) return Answer::unknown;
  settle(*entry);
  return Answer::settled;
}

}  // namespace patchbay::session

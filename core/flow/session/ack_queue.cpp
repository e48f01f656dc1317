#include "session/ack_queue.h"

#include <utility>

namespace patchbay::session {

void AckQueue::add(mqtt::Qos qos, uint16_t packet_id, mqtt::ReasonCode reason,
                   std::unique_ptr<hooks::AcknowledgementHold> hold) {
  const uint64_t cookie = first_cookie_ + entries_.size();
  Entry entry;
  entry.packet_id = packet_id;
  entry.qos = qos;
  entry.reason = reason;
  if (hold == nullptr) {
    entry.ready = true;
  } else if (!hold->wait(&AckQueue::completed, this, cookie)) {
    entry.ready = true;
    if (mqtt::is_failure(hold->reason())) entry.reason = hold->reason();
  } else {
    entry.hold = std::move(hold);
  }
  if (qos == mqtt::Qos::at_least_once) ++pubacks_;
  entries_.push_back(std::move(entry));
  release();
}

void AckQueue::completed(void* self, uint64_t cookie, mqtt::ReasonCode reason) {
  auto& queue = *static_cast<AckQueue*>(self);
  Entry& entry = queue.entries_[cookie - queue.first_cookie_];
  entry.ready = true;
  if (mqtt::is_failure(reason)) entry.reason = reason;
  entry.hold.reset();
  queue.release();
}

void AckQueue::release() {
  while (!entries_.empty() && entries_.front().ready) {
    const Entry entry = entries_.pop_front();
    ++first_cookie_;
    if (entry.qos == mqtt::Qos::at_least_once) --pubacks_;
    write_(owner_, entry.qos, entry.packet_id, entry.reason);
  }
}

}  // namespace patchbay::session

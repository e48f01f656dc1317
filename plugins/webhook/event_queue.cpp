#include "event_queue.h"

#include <algorithm>

namespace patchbay::webhook {

std::string_view drop_reason_name(DropReason reason) {
  constexpr std::string_view names[kDropReasons] = {"buffer_full", "spool_full", "rejected",
                                                    "expired",     "damaged",    "intake_full"};
  return names[static_cast<size_t>(reason)];
}

EventQueue::EventQueue(const QueueOptions& options)
    : options_(options),
      lanes_(options.ordered ? std::max<size_t>(options.lanes, 1) : 1),
      read_ahead_max_(options.memory_bytes_max / 2) {}

void EventQueue::attach(std::unique_ptr<Spool> spool) {
  spool_ = std::move(spool);
  if (!spool_->has_unread() && !options_.spool_always) return;
  for (Lane& lane : lanes_) {
    for (const HeldEvent& each : lane.events) to_spool(each.event);
    held_events_ -= lane.events.size();
    memory_only_ -= lane.events.size();
    memory_bytes_ -= lane.bytes;
    lane = {};
  }
}

void EventQueue::push(QueuedEvent event, uint64_t now_ms) {
  if (spool_ && (options_.spool_always || to_disk_ || unread() > 0)) return to_spool(event);  // behind what is there
  if (memory_bytes_ + event.bytes() <= options_.memory_bytes_max) return to_memory(std::move(event), 0, now_ms);
  if (spool_) return to_spool(event);
  if (options_.overflow == Overflow::drop_newest || !make_room(event.bytes())) return drop(DropReason::buffer_full);
  to_memory(std::move(event), 0, now_ms);
}

void EventQueue::to_memory(QueuedEvent event, uint64_t spool_number, uint64_t now_ms) {
  Lane& lane = lanes_[lane_of(event.order_key)];
  const uint64_t bytes = event.bytes();
  lane.bytes += bytes;
  memory_bytes_ += bytes;
  ++held_events_;
  if (spool_number == 0) ++memory_only_;
  lane.events.push_back({std::move(event), spool_number, now_ms});
}

void EventQueue::to_spool(const QueuedEvent& event) {
  Spool::Appended result = spool_->append(event);
  while (result == Spool::Appended::full && options_.overflow == Overflow::drop_oldest) {
    const uint64_t dropped = spool_->drop_oldest();
    if (dropped == 0) break;
    drop(DropReason::spool_full, dropped);
    result = spool_->append(event);
  }
  if (result != Spool::Appended::yes) drop(DropReason::spool_full);
}

bool EventQueue::make_room(uint64_t bytes) {
  while (memory_bytes_ + bytes > options_.memory_bytes_max) {
    Lane* oldest = nullptr;
    for (Lane& lane : lanes_) {
      if (lane.events.empty()) continue;
      if (oldest == nullptr || lane.events.front().queued_at_ms < oldest->events.front().queued_at_ms) oldest = &lane;
    }
    if (oldest == nullptr) return false;  // all of it is on its way
    const uint64_t freed = oldest->events.front().event.bytes();
    oldest->events.pop_front();
    oldest->bytes -= freed;
    memory_bytes_ -= freed;
    --held_events_;
    --memory_only_;
    drop(DropReason::buffer_full);
  }
  return true;
}

void EventQueue::prefer_disk() {
  to_disk_ = true;
  read_ahead_max_ = std::min<uint64_t>(options_.memory_bytes_max / 2, memory_bytes_ + options_.batch_bytes_max);
}

void EventQueue::memory_will_do() {
  to_disk_ = false;
  read_ahead_max_ = options_.memory_bytes_max / 2;
}

bool EventQueue::may_refill() const {
  return memory_bytes_ <= read_ahead_max_;
}

/// Reads ahead, up to the limit of memory; at least one event, however large.
void EventQueue::refill() {
  if (!spool_) return;
  while (may_refill() && spool_->has_unread()) {
    auto next = spool_->read();
    to_memory(std::move(next->event), next->number, 0);
  }
}

bool EventQueue::is_full_batch(const Lane& lane) const {
  return lane.events.size() >= options_.batch_events_max || lane.bytes >= options_.batch_bytes_max;
}

Batch EventQueue::take(size_t lane_number, uint64_t now_ms) {
  refill();
  Lane& lane = lanes_[options_.ordered ? lane_number : 0];
  if (lane.events.empty()) return {};
  if (!is_full_batch(lane) && now_ms < lane.events.front().queued_at_ms + options_.batch_wait_ms) return {};
  Batch out;
  out.reserve(std::min(lane.events.size(), options_.batch_events_max));
  for (uint64_t bytes = 0; !lane.events.empty() && out.size() < options_.batch_events_max;) {
    const uint64_t more = lane.events.front().event.bytes();
    const bool elsewhere = !out.empty() && lane.events.front().event.route != out.front().event.route;
    if (elsewhere || (!out.empty() && bytes + more > options_.batch_bytes_max)) break;
    bytes += more;
    lane.bytes -= more;
    out.push_back(std::move(lane.events.front()));
    lane.events.pop_front();
  }
  return out;
}

void EventQueue::done(const Batch& batch) {
  for (const HeldEvent& each : batch) {
    memory_bytes_ -= each.event.bytes();
    --held_events_;
    if (each.spool_number == 0) {
      --memory_only_;
    } else {
      spool_->acknowledge(each.spool_number);
    }
  }
}

bool EventQueue::put_on_disk(const std::vector<const Batch*>& taken) {
  to_disk_ = true;
  if (!spool_ || memory_only_ == 0) return false;
  std::vector<const QueuedEvent*> events;
  events.reserve(held_events_);
  for (const Batch* batch : taken) {
    for (const HeldEvent& each : *batch) events.push_back(&each.event);
  }
  for (const Lane& lane : lanes_) {
    for (const HeldEvent& each : lane.events) events.push_back(&each.event);
  }
  if (!spool_->put_in_front(events)) return false;
  for (Lane& lane : lanes_) lane = {};
  memory_bytes_ = held_events_ = memory_only_ = 0;
  prefer_disk();  // a probe needs little of it
  return true;
}

std::optional<uint64_t> EventQueue::due_ms(size_t lane_number) const {
  if (unread() > 0 && may_refill()) return 0;
  const Lane& lane = lanes_[options_.ordered ? lane_number : 0];
  if (lane.events.empty()) return {};
  return is_full_batch(lane) ? 0 : lane.events.front().queued_at_ms + options_.batch_wait_ms;
}

uint64_t EventQueue::oldest_unix_ms() const {
  uint64_t out = spool_ ? spool_->oldest_unread_unix_ms() : 0;
  for (const Lane& lane : lanes_) {
    if (lane.events.empty()) continue;
    const uint64_t at = lane.events.front().event.at_unix_ms;
    if (out == 0 || at < out) out = at;
  }
  return out;
}

EventQueue::Drops EventQueue::take_drops() {
  if (spool_) {
    drop(DropReason::damaged, spool_->take_damaged());
    drop(DropReason::spool_full, spool_->take_refused());
  }
  return std::exchange(drops_, {});
}

void EventQueue::sync() {
  if (spool_) spool_->sync();
}

}  // namespace patchbay::webhook

#include "base/timer_wheel.h"

#include <algorithm>

#include "base/assert.h"

namespace patchbay::base {

namespace {
constexpr uint64_t kMaximumTicks =
    (uint64_t{1} << 24) - 1;  // four levels of six bits; longer delays are placed again when they surface
}

void Timer::stop() {
  if (next_ == nullptr) return;
  previous_->next_ = next_;
  next_->previous_ = previous_;
  next_ = previous_ = nullptr;
}

TimerWheel::TimerWheel(uint64_t now_ms) : tick_(now_ms / kTickMs) {
  for (auto& level : slots_) {
    for (Timer& head : level) head.next_ = head.previous_ = &head;
  }
}

void TimerWheel::place(Timer& timer) {
  const uint64_t due_tick = std::max((timer.due_ms_ + kTickMs - 1) / kTickMs, tick_ + 1);
  const uint64_t distance = std::min(due_tick - tick_, kMaximumTicks);
  size_t level = 0;
  while (level + 1 < kLevels && distance >= (uint64_t{1} << (kSlotBits * (level + 1)))) ++level;
  const uint64_t target = tick_ + distance;
  Timer& head = slots_[level][(target >> (kSlotBits * level)) & (kSlots - 1)];
  timer.previous_ = head.previous_;
  timer.next_ = &head;
  head.previous_->next_ = &timer;
  head.previous_ = &timer;
}

void TimerWheel::start(Timer& timer, uint64_t now_ms, uint64_t delay_ms) {
  PATCHBAY_ASSERT(timer.callback_ != nullptr);
  timer.stop();
  timer.due_ms_ = now_ms + delay_ms;
  place(timer);
}

void TimerWheel::cascade(size_t level) {
  Timer& head = slots_[level][(tick_ >> (kSlotBits * level)) & (kSlots - 1)];
  while (head.next_ != &head) {
    Timer& timer = *head.next_;
    timer.stop();
    if (timer.due_ms_ <= tick_ * kTickMs) {
      timer.callback_(timer.owner_);
    } else {
      place(timer);
    }
  }
}

void TimerWheel::fire(Timer& head) {
  // A callback may stop any timer of this list, so the list is taken from its front one by one. A timer that a callback
  // starts anew goes to a later tick, never back into this list, since place() puts it at least one tick ahead.
  while (head.next_ != &head) {
    Timer& timer = *head.next_;
    timer.stop();
    if (timer.due_ms_ > tick_ * kTickMs) {
      place(timer);
    } else {
      timer.callback_(timer.owner_);
    }
  }
}

void TimerWheel::advance(uint64_t now_ms) {
  const uint64_t target = now_ms / kTickMs;
  while (tick_ < target) {
    ++tick_;
    for (size_t level = 1; level < kLevels; ++level) {
      if ((tick_ & ((uint64_t{1} << (kSlotBits * level)) - 1)) != 0) break;
      cascade(level);
    }
    fire(slots_[0][tick_ & (kSlots - 1)]);
  }
}

size_t TimerWheel::size() const {
  size_t count = 0;
  for (const auto& level : slots_) {
    for (const Timer& head : level) {
      for (const Timer* timer = head.next_; timer != &head; timer = timer->next_) ++count;
    }
  }
  return count;
}

uint64_t TimerWheel::next_due_in_ms(uint64_t now_ms) const {
  for (uint64_t step = 1; step <= kSlots; ++step) {
    const uint64_t tick = tick_ + step;
    const Timer& head = slots_[0][tick & (kSlots - 1)];
    const bool wraps = (tick & (kSlots - 1)) == 0;  // a higher level may cascade here
    if (head.next_ != &head || wraps) {
      if (wraps && head.next_ == &head) {
        bool any = false;
        for (size_t level = 1; level < kLevels && !any; ++level) {
          for (const Timer& upper : slots_[level]) any = any || upper.next_ != &upper;
        }
        if (!any) continue;
      }
      const uint64_t due_ms = tick * kTickMs;
      return due_ms > now_ms ? due_ms - now_ms : 0;
    }
  }
  return kNever;
}

}  // namespace patchbay::base

#include "operations/work_queue.h"

#include <chrono>

#include "base/clock.h"

namespace patchbay::operations {

void WorkQueue::start(std::function<void()> tick) {
  stopping_.store(false);
  thread_ = std::thread([this, tick = std::move(tick)] { serve(tick); });
}

void WorkQueue::stop() {
  if (!thread_.joinable()) return;
  stopping_.store(true);
  awake_.release();
  thread_.join();
}

void WorkQueue::serve(const std::function<void()>& tick) {
  const base::SystemClock clock;
  uint64_t next_tick_ms = clock.steady_ms() + kTickMs;
  while (!stopping_.load()) {
    const uint64_t now_ms = clock.steady_ms();
    const uint64_t wait_ms = next_tick_ms > now_ms ? next_tick_ms - now_ms : 0;
    static_cast<void>(awake_.try_acquire_for(std::chrono::milliseconds(wait_ms)));
    mailbox_.drain();
    if (clock.steady_ms() < next_tick_ms) continue;
    tick();
    next_tick_ms = clock.steady_ms() + kTickMs;
  }
  mailbox_.drain();
}

}  // namespace patchbay::operations

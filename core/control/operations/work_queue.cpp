#include "operations/work_queue.h"

#include <chrono>

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
  using Clock = std::chrono::steady_clock;
  Clock::time_point next_tick = Clock::now() + std::chrono::milliseconds(kTickMs);
  while (!stopping_.load()) {
    static_cast<void>(awake_.try_acquire_until(next_tick));
    mailbox_.drain();
    if (Clock::now() < next_tick) continue;
    tick();
    next_tick = Clock::now() + std::chrono::milliseconds(kTickMs);
  }
  mailbox_.drain();
}

}  // namespace patchbay::operations

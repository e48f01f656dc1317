#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <semaphore>
#include <thread>
#include <utility>

#include "base/mailbox.h"

namespace patchbay::operations {

/// What shards leave for the control plane to do: lines of traces, bans of flapping clients. Posting takes no lock and
/// never waits; a thread of the queue's own does the work, so that no shard writes a file.
class WorkQueue {
 public:
  /// Pieces of work that wait; more are refused and counted.
  static constexpr uint32_t kWaitingMax = 16'384;
  static constexpr uint64_t kTickMs = 1'000;

  WorkQueue() : mailbox_(&WorkQueue::wake, this) {}
  ~WorkQueue() { stop(); }
  WorkQueue(const WorkQueue&) = delete;
  WorkQueue& operator=(const WorkQueue&) = delete;

  /// False when too much waits already: nothing was taken. [any-thread]
  template <class F>
  bool post(F work) {
    if (waiting_.fetch_add(1, std::memory_order_relaxed) >= kWaitingMax) {
      waiting_.fetch_sub(1, std::memory_order_relaxed);
      refused_.fetch_add(1, std::memory_order_relaxed);
      return false;
    }
    mailbox_.post(base::make_task([this, work = std::move(work)]() mutable {
      waiting_.fetch_sub(1, std::memory_order_relaxed);
      work();
    }));
    return true;
  }
  /// [any-thread]
  [[nodiscard]] uint64_t refused() const { return refused_.load(std::memory_order_relaxed); }

  /// Starts the thread, which does what is posted and calls `tick` about every kTickMs. [control]
  void start(std::function<void()> tick);
  /// Does what waits and ends the thread. Idempotent. [control]
  void stop();
  /// What the thread does: for tests, which have none. Returns how much there was.
  size_t run_pending() { return mailbox_.drain(); }

 private:
  static void wake(void* self) { static_cast<WorkQueue*>(self)->awake_.release(); }
  void serve(const std::function<void()>& tick);

  std::atomic<uint32_t> waiting_{0};
  std::atomic<uint64_t> refused_{0};
  std::counting_semaphore<> awake_{0};
  base::Mailbox mailbox_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace patchbay::operations

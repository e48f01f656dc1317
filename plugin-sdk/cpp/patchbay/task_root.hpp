// SPDX-License-Identifier: Apache-2.0
// The control block of a coroutine that the host started: it keeps the frame, and lets one thread at a time run it.
#pragma once

#include <atomic>

#include "patchbay/runtime.hpp"

namespace patchbay::detail {

/// Its lock is held while the body runs, so that a thread that wakes the body waits until the one before has left it.
/// The lock is contended only for the moment in which a body that has just been handed over is still being left.
class task_root : public std::enable_shared_from_this<task_root> {
 public:
  task_root(runtime& env, std::coroutine_handle<> top)
      : env_(env), top_(top), shard_(env.raw_host->shard_index(env.raw_host)) {}
  task_root(const task_root&) = delete;
  task_root& operator=(const task_root&) = delete;
  virtual ~task_root() {
    if (!gone_) top_.destroy();
  }

  runtime& env() const { return env_; }
  /// Where the body began: back_to_shard() leads there.
  std::uint32_t shard() const { return shard_; }

  /// The first run, inside the call that asked. True: it has finished, and harvest() has run. False: it waits, and the
  /// runtime holds it.
  bool begin() {
    hold();
    top_.resume();
    return begun();
  }
  /// begin() in two halves, for a body that runs already: nobody else gets in before the second one.
  void hold() { mutex_.lock(); }
  bool begun() {
    const std::lock_guard lock(mutex_, std::adopt_lock);
    if (finish_locked()) return true;
    env_.add(shared_from_this(), token());
    return false;
  }
  /// A later run, from whatever thread the host calls on.
  void run(std::coroutine_handle<> handle) {
    const auto self = shared_from_this();  // the body may drop everybody else's hold
    {
      const std::lock_guard lock(mutex_);
      if (gone_) return;
      if (abandoned_.load(std::memory_order_acquire)) {
        destroy_locked();
      } else {
        handle.resume();
        if (!finish_locked() && !abandoned_.load(std::memory_order_acquire)) return;
        if (!gone_) destroy_locked();
      }
    }
    env_.remove(this);
    if (finished_) deliver();
  }
  /// Ends a body that waits; where it runs at the moment, it ends at its next wait. Never blocks: for shards.
  void abandon() {
    const auto self = shared_from_this();
    abandoned_.store(true, std::memory_order_release);
    if (!mutex_.try_lock()) return;
    if (!gone_) destroy_locked();
    mutex_.unlock();
    env_.remove(this);
  }
  /// Ends it for good, and says so to whoever asked; waits for a body that runs at the moment. [control]
  void cancel() {
    bool ended = false;
    {
      const std::lock_guard lock(mutex_);
      ended = !gone_;
      if (ended) destroy_locked();
    }
    env_.remove(this);
    if (ended) give_up();
  }

 protected:
  /// Takes the result out of the finished frame. Under the lock.
  virtual void harvest() noexcept = 0;
  /// Tells whoever waits, after a late end. Without the lock.
  virtual void deliver() noexcept = 0;
  /// Tells whoever asked that no result will come. Without the lock.
  virtual void give_up() noexcept {}
  /// The question that the body answers; 0: none.
  virtual std::uint64_t token() const { return 0; }

 private:
  bool finish_locked() {
    if (!top_.done()) return false;
    harvest();
    finished_ = true;
    destroy_locked();
    return true;
  }
  void destroy_locked() {
    gone_ = true;
    top_.destroy();
  }

  runtime& env_;
  std::coroutine_handle<> top_;
  const std::uint32_t shard_;
  std::mutex mutex_;
  bool gone_ = false;
  bool finished_ = false;
  std::atomic<bool> abandoned_{false};
};

/// The callback's way back into a body. The callback owns `which` only if nobody has taken it.
inline void resume(resumption* which) {
  if (!which->of->take(which)) return;
  const std::unique_ptr<resumption> owned(which);
  owned->root->run(owned->handle);
}

}  // namespace patchbay::detail

#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace patchbay::net {

/// Who runs a shard: its own thread, or a host's. Only whole turns change hands, and each change goes through the
/// mutex, so that all that one thread did in its last turn is seen by the other in its first.
///
///     own --offer()--> offered --take()--> lent --give_back()--> own
///                         '------withdraw()------------------> own      (the own thread is to end)
///
/// The own thread touches the shard in state `own` only, a host in state `lent` only, nobody in state `offered`.
class ShardLease {
 public:
  /// The own thread offers its shard, unless it is to end; from here on it may only wait. [own thread]
  [[nodiscard]] bool offer() {
    const std::lock_guard lock(mutex_);
    if (ending_) return false;
    state_ = State::offered;
    return true;
  }
  /// Waits until the shard is the own thread's again. [own thread]
  void wait_until_own() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return state_ == State::own || (state_ == State::offered && ending_); });
    state_ = State::own;
  }

  /// False when the offer was withdrawn: the shard must not be touched. [host thread]
  [[nodiscard]] bool take() {
    const std::lock_guard lock(mutex_);
    if (state_ != State::offered || ending_) return false;
    state_ = State::lent;
    return true;
  }
  /// After its last turn with the shard. [host thread]
  void give_back() {
    const std::lock_guard lock(mutex_);
    state_ = State::own;
    changed_.notify_one();
  }

  /// The own thread is to end: offers end, and a host is to give the shard back soon. [any-thread]
  void end() {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    changed_.notify_one();
  }
  /// The own thread begins (again). [control]
  void begin() {
    const std::lock_guard lock(mutex_);
    ending_ = false;
  }

 private:
  enum class State : uint8_t { own, offered, lent };

  std::mutex mutex_;
  std::condition_variable changed_;
  State state_ = State::own;
  bool ending_ = false;
};

}  // namespace patchbay::net

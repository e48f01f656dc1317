#pragma once

#include <cstdint>

#include "base/assert.h"

namespace patchbay::base {

/// Number of a shard: one thread with its own loop, connections and sessions.
using ShardId = uint16_t;
inline constexpr ShardId kNoShard = 0xFFFF;

/// Which thread runs which shard, as one word that is read at once: the shard's number below, the kernel's id of the
/// thread above.
class ShardThread {
 public:
  constexpr ShardThread() = default;
  constexpr ShardThread(ShardId shard, int kernel_thread)
      : word_(uint64_t{static_cast<uint32_t>(kernel_thread)} << kThreadShift | shard) {}
  [[nodiscard]] constexpr ShardId shard() const { return static_cast<ShardId>(word_); }
  /// 0: not known, which is so of a thread that has never run a shard.
  [[nodiscard]] constexpr int kernel_thread() const { return static_cast<int>(word_ >> kThreadShift); }

  friend constexpr bool operator==(const ShardThread&, const ShardThread&) = default;

 private:
  static constexpr unsigned kThreadShift = 32;
  uint64_t word_ = kNoShard;
};

namespace detail {
inline constinit thread_local ShardThread shard_thread;
inline constinit thread_local int kernel_thread = 0;
[[nodiscard]] int ask_kernel_thread_id();
}  // namespace detail

/// Kernel id of the calling thread; asked for once. [any-thread]
[[nodiscard, gnu::always_inline]] inline int kernel_thread_id() {
  int self = detail::kernel_thread;
  if (self == 0) [[unlikely]]
    detail::kernel_thread = self = detail::ask_kernel_thread_id();
  return self;
}

/// The calling thread and the shard that it runs, or kNoShard. [any-thread]
[[nodiscard]] inline ShardThread shard_thread() {
  return detail::shard_thread;
}

/// The shard that the calling thread runs, or kNoShard. [any-thread]
[[nodiscard]] inline ShardId current_shard() {
  return detail::shard_thread.shard();
}

/// Says which shard this thread runs while the object lives: the shard's loop, and tests that play several shards on
/// one thread.
class ShardScope {
 public:
  explicit ShardScope(ShardId shard) : before_(detail::shard_thread) {
    detail::shard_thread = ShardThread(shard, kernel_thread_id());
  }
  ~ShardScope() { detail::shard_thread = before_; }
  ShardScope(const ShardScope&) = delete;
  ShardScope& operator=(const ShardScope&) = delete;

 private:
  ShardThread before_;
};

/// Data that only its owner shard may touch; access from elsewhere is an assertion.
template <class T>
class OnShard {
 public:
  template <class... Arguments>
  explicit OnShard(ShardId owner, Arguments&&... arguments)
      : owner_(owner), value_(static_cast<Arguments&&>(arguments)...) {}

  T& get() {
    PATCHBAY_ASSERT(current_shard() == owner_);
    return value_;
  }

 private:
  ShardId owner_;
  T value_;
};

}  // namespace patchbay::base

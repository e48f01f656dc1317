#pragma once

#include <cstdint>

#include "base/assert.h"

namespace patchbay::base {

/// Number of a shard: one thread with its own loop, connections and sessions.
using ShardId = uint16_t;
inline constexpr ShardId kNoShard = 0xFFFF;

namespace detail {
inline thread_local ShardId current_shard = kNoShard;
}

/// The shard that the calling thread runs, or kNoShard. [any-thread]
[[nodiscard]] inline ShardId current_shard() {
  return detail::current_shard;
}

/// Says which shard this thread runs while the object lives: the shard's loop, and tests that play several shards on
/// one thread.
class ShardScope {
 public:
  explicit ShardScope(ShardId shard) : before_(detail::current_shard) { detail::current_shard = shard; }
  ~ShardScope() { detail::current_shard = before_; }
  ShardScope(const ShardScope&) = delete;
  ShardScope& operator=(const ShardScope&) = delete;

 private:
  ShardId before_;
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

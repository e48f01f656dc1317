#pragma once

#include <cstdint>

#include "base/shard.h"

namespace patchbay::distribution {

/// Names a session anywhere on this node: `shard` owns it, `slot` is its place in that shard's table, `generation`
/// tells a new tenant of the slot from the old one. A handle of a session that has ended is harmless: its shard finds
/// nothing. 0 is no session. [any-thread]
class SubscriberHandle {
 public:
  static constexpr unsigned kShardBits = 8;
  static constexpr unsigned kGenerationBits = 24;

  /// Slots from here on are not sessions but subscribers inside the broker (plugins' own subscriptions).
  static constexpr uint32_t kFirstInternalSlot = 1U << 31;

  constexpr SubscriberHandle() = default;
  constexpr explicit SubscriberHandle(uint64_t value) : value_(value) {}
  constexpr SubscriberHandle(base::ShardId shard, uint32_t generation, uint32_t slot)
      : value_((uint64_t{shard} << 56) | (uint64_t{generation & 0xFFFFFF} << 32) | slot) {}

  [[nodiscard]] constexpr uint64_t value() const { return value_; }
  [[nodiscard]] constexpr base::ShardId shard() const { return static_cast<base::ShardId>(value_ >> 56); }
  [[nodiscard]] constexpr uint32_t generation() const { return static_cast<uint32_t>(value_ >> 32) & 0xFFFFFF; }
  [[nodiscard]] constexpr uint32_t slot() const { return static_cast<uint32_t>(value_); }
  [[nodiscard]] constexpr bool is_internal() const { return slot() >= kFirstInternalSlot; }
  constexpr explicit operator bool() const { return value_ != 0; }
  friend constexpr bool operator==(SubscriberHandle, SubscriberHandle) = default;
  friend constexpr auto operator<=>(SubscriberHandle, SubscriberHandle) = default;

 private:
  uint64_t value_ = 0;  // generations start at 1, so a real handle is never 0
};

}  // namespace patchbay::distribution

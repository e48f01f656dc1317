#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/epoch.h"
#include "distribution/subscriber_handle.h"

namespace patchbay::distribution {

/// The client ids of those who share subscriptions, readable from every shard without a lock: a publisher's shard knows
/// the members of a group by their handles only. Written by the session's own shard; names are freed when no reader can
/// see them. Sessions that share nothing cost nothing.
class SubscriberNames {
 public:
  explicit SubscriberNames(base::ShardId shard_count) : shards_(shard_count) {}
  ~SubscriberNames();
  SubscriberNames(const SubscriberNames&) = delete;
  SubscriberNames& operator=(const SubscriberNames&) = delete;

  /// Idempotent. [owner shard]
  void set(SubscriberHandle handle, std::string_view client_id, base::EpochDomain& epoch);
  /// The session has ended; a session without a name is fine. [owner shard]
  void clear(SubscriberHandle handle, base::EpochDomain& epoch);

  /// Empty for a handle without a name. Valid until the epoch section ends. [any-thread, in an epoch section]
  [[nodiscard]] std::string_view find(SubscriberHandle handle) const;

 private:
  static constexpr uint32_t kSlotsPerChunk = 1U << 10;
  static constexpr uint32_t kChunks = 1U << 16;  ///< 64 Mi sessions for each shard, as Presence

  struct Name;
  using Slot = std::atomic<const Name*>;
  struct Directory {
    std::unique_ptr<std::atomic<Slot*>[]> chunks = std::make_unique<std::atomic<Slot*>[]>(kChunks);
  };

  [[nodiscard]] Slot* slot_of(SubscriberHandle handle) const;
  [[nodiscard]] Slot& slot_to_change(SubscriberHandle handle);

  std::vector<std::atomic<Directory*>> shards_;
};

}  // namespace patchbay::distribution

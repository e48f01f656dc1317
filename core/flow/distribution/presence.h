#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "distribution/subscriber_handle.h"
#include "distribution/subscriber_names.h"

namespace patchbay::distribution {

/// Which sessions have a connection right now, readable from every shard without a lock: one byte for each slot of each
/// shard's session table, in chunks that never move. Written by the session's own shard only.
class Presence {
 public:
  static constexpr uint32_t kSlotsPerChunk = 1U << 14;
  static constexpr uint32_t kChunksPerShard = 1U << 12;  ///< 64 Mi sessions for each shard

  explicit Presence(base::ShardId shard_count);
  ~Presence();
  Presence(const Presence&) = delete;
  Presence& operator=(const Presence&) = delete;

  /// A session exists and has (true) or lacks (false) a connection. [owner shard]
  void set(SubscriberHandle handle, bool online);
  /// The session has ended. [owner shard]
  void clear(SubscriberHandle handle);

  /// What shared subscribers are called; see SubscriberNames.
  [[nodiscard]] SubscriberNames& names() { return names_; }
  [[nodiscard]] const SubscriberNames& names() const { return names_; }

  /// False for a session that is offline, has ended, or never was; subscribers inside the broker are always there.
  /// [any-thread]
  [[nodiscard]] bool is_online(SubscriberHandle handle) const;

 private:
  // A byte holds the state in its two low bits and six bits of the generation above, so that a new tenant of the slot
  // does not make the old one look online.
  struct Directory {
    std::atomic<std::atomic<uint8_t>*> chunks[kChunksPerShard]{};
  };

  [[nodiscard]] std::atomic<uint8_t>& slot_of(SubscriberHandle handle);

  std::vector<std::unique_ptr<Directory>> shards_;
  SubscriberNames names_;
};

}  // namespace patchbay::distribution

#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/mailbox.h"
#include "base/shard.h"
#include "distribution/subscribers.h"

namespace patchbay::distribution {

/// The doors of all shards of this node. Filled once by the composition root before any shard runs, constant
/// afterwards. [any-thread]
class Exchange {
 public:
  struct Door {
    base::Mailbox* mailbox = nullptr;
    Subscribers* subscribers = nullptr;  ///< used on the owner shard only
  };

  /// `mailbox_high_water`: deliveries waiting for one shard above which the others stop reading from their clients
  /// (node.mailbox_high_water).
  Exchange(size_t shards, uint64_t mailbox_high_water) : doors_(shards), mailbox_high_water_(mailbox_high_water) {}

  void connect(base::ShardId shard, base::Mailbox& mailbox, Subscribers& subscribers) {
    doors_[shard] = {&mailbox, &subscribers};
  }
  [[nodiscard]] const Door& door(base::ShardId shard) const { return doors_[shard]; }
  [[nodiscard]] size_t shard_count() const { return doors_.size(); }
  [[nodiscard]] uint64_t mailbox_high_water() const { return mailbox_high_water_; }
  /// How many, besides the shards, cannot take what is published: while it is not 0, connections stop reading. Raised
  /// and lowered by whoever must not lose anything (observers with back-pressure). [any-thread]
  [[nodiscard]] std::atomic<uint32_t>& pressure() const { return pressure_; }

 private:
  std::vector<Door> doors_;
  uint64_t mailbox_high_water_;
  mutable std::atomic<uint32_t> pressure_{0};
};

}  // namespace patchbay::distribution

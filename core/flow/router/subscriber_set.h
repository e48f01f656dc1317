#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/epoch.h"
#include "router/position_map.h"
#include "router/subscription_entry.h"

namespace patchbay::router {

/// Entries in one block; `size` grows only after the entry below it has been written.
struct EntryBlock {
  uint32_t capacity = 0;
  std::atomic<uint32_t> size{0};

  [[nodiscard]] SubscriptionEntry* entries() { return reinterpret_cast<SubscriptionEntry*>(this + 1); }
  [[nodiscard]] const SubscriptionEntry* entries() const {
    return reinterpret_cast<const SubscriptionEntry*>(this + 1);
  }
  static EntryBlock* create(uint32_t capacity);
  static void destroy(void* block);
};

/// What a reader sees of a set at one moment: `size` entries, some of which may be free. `entries` is null where the
/// set never had a member.
struct EntryView {
  const SubscriptionEntry* entries = nullptr;
  uint32_t size = 0;
};

/// The subscribers of one filter, or the members of one shared group: read without locks, changed by one writer at a
/// time. Adding and removing take constant time on average, with a million members too. An entry never moves within its
/// block, so that no reader misses or repeats a member that stays.
class SubscriberSet {
 public:
  SubscriberSet() = default;
  SubscriberSet(const SubscriberSet&) = delete;
  SubscriberSet& operator=(const SubscriberSet&) = delete;
  ~SubscriberSet();

  /// [any-thread, in an epoch section]
  [[nodiscard]] EntryView view() const {
    const EntryBlock* block = block_.load(std::memory_order_acquire);
    if (block == nullptr) return {};
    return {block->entries(), block->size.load(std::memory_order_acquire)};
  }

  // One writer at a time:
  /// Makes `first` the first member; only for a set that never had one. From now on view() shows entries.
  void start_with(const distribution::Delivery& first);
  /// False where the subscriber was in the set; its options and identifier are replaced.
  bool add(distribution::SubscriberHandle subscriber, distribution::SubscriptionOptions options, uint32_t identifier,
           base::EpochDomain& epoch);
  /// False where the subscriber is not in the set.
  bool remove(distribution::SubscriberHandle subscriber, base::EpochDomain& epoch);
  [[nodiscard]] uint32_t size() const { return used_; }
  [[nodiscard]] bool is_empty() const { return used_ == 0; }

 private:
  static constexpr uint32_t kFirstCapacity = 4;
  static constexpr uint32_t kIndexFrom = 32;  // smaller sets are searched one by one

  /// What the writer of a large set needs to find members and free entries.
  struct Index {
    PositionMap positions;
    std::vector<uint32_t> free_positions;
  };

  [[nodiscard]] uint32_t position_of(distribution::SubscriberHandle subscriber) const;
  [[nodiscard]] uint32_t free_position();
  void reserve_one(base::EpochDomain& epoch);
  void rebuild(uint32_t capacity, base::EpochDomain& epoch);

  std::atomic<EntryBlock*> block_{nullptr};
  std::unique_ptr<Index> index_;
  uint32_t used_ = 0;
};

}  // namespace patchbay::router

#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/shard.h"
#include "router/router_limits.h"
#include "router/subscriber_set.h"

namespace patchbay::router {

/// A shared subscription: the members that share the messages of one filter. Lives at its filter in the index.
class SharedGroup {
 public:
  /// `tag`: not 0, and no other group's that has members.
  SharedGroup(std::string_view name, std::string_view filter, uint64_t id, uint16_t tag, SharedStrategy strategy,
              base::ShardId shard_count, base::Random& random);

  [[nodiscard]] std::string_view name() const { return name_; }
  /// What topic names are matched with: without the $share prefix.
  [[nodiscard]] std::string_view filter() const { return filter_; }
  /// Never given to another group.
  [[nodiscard]] uint64_t id() const { return id_; }
  /// Travels with deliveries in place of the id; never 0. No two groups with members have the same, and one that became
  /// free is given again only after all other free ones (see SubscriptionIndex).
  [[nodiscard]] uint16_t tag() const { return tag_; }
  /// [any-thread]
  [[nodiscard]] SharedStrategy strategy() const { return strategy_.load(std::memory_order_relaxed); }
  void set_strategy(SharedStrategy strategy) { strategy_.store(strategy, std::memory_order_relaxed); }

  /// [any-thread, in an epoch section]
  [[nodiscard]] EntryView members() const { return members_.view(); }
  [[nodiscard]] SubscriberSet& member_set() { return members_; }

  /// Where the next choice of publishers on `shard` begins. [shard]
  [[nodiscard]] std::atomic<uint32_t>& shard_cursor(base::ShardId shard) { return cursors_[shard].position; }
  /// The same for the whole group. [any-thread]
  [[nodiscard]] std::atomic<uint32_t>& group_cursor() { return group_cursor_; }

 private:
  struct alignas(64) Cursor {  // a cache line for each shard, which alone writes it
    std::atomic<uint32_t> position{0};
  };

  std::string name_;
  std::string filter_;
  uint64_t id_;
  uint16_t tag_;
  std::atomic<SharedStrategy> strategy_;
  std::atomic<uint32_t> group_cursor_{0};
  std::unique_ptr<Cursor[]> cursors_;
  SubscriberSet members_;
};

}  // namespace patchbay::router

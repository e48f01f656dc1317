#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/epoch.h"
#include "router/matches.h"
#include "router/shared_group.h"
#include "router/subscriber_set.h"
#include "router/subscription_entry.h"

namespace patchbay::router {

/// All that hangs on one topic filter. Most filters have one plain subscriber, which sits right here; everything else
/// is allocated when it comes up. Read without locks, changed by one writer at a time.
class FilterSlot {
 public:
  FilterSlot() = default;
  FilterSlot(const FilterSlot&) = delete;
  FilterSlot& operator=(const FilterSlot&) = delete;
  ~FilterSlot();

  /// Adds the lists and groups to `matches`. [any-thread, in an epoch section]
  void collect(Matches& matches) const {
    const Extra* extra = extra_.load(std::memory_order_acquire);
    if (extra != nullptr) {
      collect_extra(*extra, matches);
    } else if (!single_.is_free()) {
      matches.add_list(&single_, 1);
    }
  }
  /// Null where there is no such group. [any-thread, in an epoch section]
  [[nodiscard]] SharedGroup* find_group(std::string_view name) const;

  // One writer at a time:
  [[nodiscard]] bool is_empty() const;
  /// False where the subscriber was there; it is replaced.
  bool add(distribution::SubscriberHandle subscriber, distribution::SubscriptionOptions options, uint32_t identifier,
           base::EpochDomain& epoch);
  bool remove(distribution::SubscriberHandle subscriber, base::EpochDomain& epoch);
  /// The one exclusive subscriber; an entry that is free if there is none.
  [[nodiscard]] distribution::SubscriberHandle exclusive_holder() const;
  void set_exclusive(distribution::SubscriberHandle subscriber, distribution::SubscriptionOptions options,
                     uint32_t identifier);
  void clear_exclusive();
  void add_group(std::unique_ptr<SharedGroup> group, base::EpochDomain& epoch);
  void remove_group(SharedGroup& group, base::EpochDomain& epoch);

 private:
  struct GroupList;
  struct Extra {
    SubscriberSet subscribers;  // once it has had a member, it holds all plain subscribers and single_ is void
    SubscriptionEntry exclusive;
    std::atomic<GroupList*> groups{nullptr};
  };

  static void collect_groups(const GroupList& list, Matches& matches);
  void collect_extra(const Extra& extra, Matches& matches) const;
  [[nodiscard]] Extra& extra();

  SubscriptionEntry single_;
  std::atomic<Extra*> extra_{nullptr};
};

}  // namespace patchbay::router

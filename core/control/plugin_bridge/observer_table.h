#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "access/event_filter.h"
#include "plugin_bridge/call_place.h"
#include "plugin_bridge/hook.h"

namespace patchbay::plugin_bridge {

/// One plugin's observer as telling it takes: everything that doesn't change from call to call, in one cache line.
/// Constant.
struct alignas(64) PreparedObserver {
  PreparedObserver(Hook& observer, access::EventFilter wanted);

  patchbay_hook_fn function;
  void* self;
  CallCell* cells;  // one for each shard
  const CallSite* site;
  Hook* hook;
  std::shared_ptr<const access::PreparedFilter> filter;  // null: everything
  uint8_t detour = 0;                                    // Hook::kFiltered; the rest of the reasons is in the cells
};

/// Observers of several plugins that follow each other in a chain: one entry of it, so that an event is shown once and
/// not for each of them. [control] adds before it is published, constant from then on.
class ObserverTable {
 public:
  explicit ObserverTable(CallPlaces& places) : places_(places.of_shards()), shards_(places.shards()) {}

  void add(Hook& hook, access::EventFilter filter) {
    observers_.emplace_back(hook, std::move(filter));
    first_ = observers_.data();
  }
  /// One observer, which wants everything.
  [[nodiscard]] bool is_plain() const { return observers_.size() == 1 && first_->detour == 0; }

  [[nodiscard]] uint32_t shards() const { return shards_; }
  [[nodiscard]] CallPlace& place_of(size_t shard) const { return places_[shard]; }
  [[nodiscard]] const std::vector<PreparedObserver>& observers() const { return observers_; }
  [[nodiscard]] const PreparedObserver& first() const { return *first_; }

 private:
  std::vector<PreparedObserver> observers_;
  const PreparedObserver* first_ = nullptr;
  CallPlace* places_;
  uint32_t shards_;
};

inline PreparedObserver::PreparedObserver(Hook& observer, access::EventFilter wanted)
    : function(observer.function()),
      self(observer.self()),
      cells(observer.call_cells()),
      site(&observer.site()),
      hook(&observer) {
  if (wanted.wants_everything()) return;
  filter = std::make_shared<const access::PreparedFilter>(std::move(wanted));
  detour = Hook::kFiltered;
}

}  // namespace patchbay::plugin_bridge

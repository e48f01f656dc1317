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

/// The same of an observer that is alone in its table and wants everything, with what the table knows: a call reads
/// this line of the host's own, the shard's place and its cell. Constant.
struct alignas(64) SoleObserver {
  patchbay_hook_fn function = nullptr;
  void* self = nullptr;
  CallCell* cells = nullptr;
  CallPlace* places = nullptr;
  const CallSite* site = nullptr;
  const PreparedObserver* prepared = nullptr;
  size_t shards = 0;
};

/// Observers of several plugins that follow each other in a chain: one entry of it, so that an event is shown once and
/// not for each of them. [control] adds before it is published, constant from then on.
class ObserverTable {
 public:
  explicit ObserverTable(CallPlaces& places) : places_(places.of_shards()), shards_(places.shards()) {}

  void add(Hook& hook, access::EventFilter filter) {
    observers_.emplace_back(hook, std::move(filter));
    const PreparedObserver& first = observers_.front();
    sole_ = {first.function, first.self, first.cells, places_, first.site, &first, shards_};
  }
  /// One observer, which wants everything: sole() is all that its calls need.
  [[nodiscard]] bool is_plain() const { return observers_.size() == 1 && observers_.front().detour == 0; }

  [[nodiscard]] uint32_t shards() const { return shards_; }
  [[nodiscard]] CallPlace& place_of(size_t shard) const { return places_[shard]; }
  [[nodiscard]] const std::vector<PreparedObserver>& observers() const { return observers_; }
  [[nodiscard]] SoleObserver& sole() { return sole_; }

 private:
  std::vector<PreparedObserver> observers_;
  CallPlace* places_;
  uint32_t shards_;
  SoleObserver sole_;
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

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/chain.h"
#include "hooks/hook_points.h"
#include "plugin_bridge/control_hooks.h"
#include "plugin_bridge/core_entries.h"
#include "plugin_bridge/hook.h"
#include "plugin_bridge/hook_traits.h"
#include "plugin_bridge/stable_places.h"

namespace patchbay::plugin_bridge {

struct BridgeEnvironment;
class ObserverTable;

/// One hook as the operator wants it.
struct PublishedHook {
  Hook* hook = nullptr;
  /// Place in the point's order; only how it compares with the others' matters. Those without one come behind.
  uint32_t list_index = base::ChainOrder::kUnlisted;
  std::optional<uint32_t> deadline_ms;  ///< in place of the plugin's and the table's
  std::optional<base::Fallback> fallback;
  bool shadow = false;                    ///< asked, not used; also when the plugin says so itself
  std::vector<std::string> listener_ids;  ///< only for clients of these listeners, besides the hook's own filter
};

/// All hooks of all instances, and how answers are combined where not the first one decides.
struct PublishedChains {
  std::vector<PublishedHook> hooks;
  std::map<hooks::HookId, base::Combine> combine;
};

/// The one owner of every chain of the node: what instances registered, and what the core itself listens to. Every
/// change is made whole: all points are swapped in one step, then a barrier is waited for. [control]
class ChainPublisher {
 public:
  ChainPublisher(const BridgeEnvironment& environment, ControlPoints& control);
  ~ChainPublisher();
  ChainPublisher(const ChainPublisher&) = delete;
  ChainPublisher& operator=(const ChainPublisher&) = delete;

  /// The core's own listeners at a point, in place of those that `owner` gave before; none: an empty list. In force
  /// with the next publish() or republish().
  template <hooks::HookId Id>
  void set_core_entries(const std::string& owner, std::vector<base::ChainEntry<EventOf<Id>>> entries) {
    core_->at<Id>()[owner] = std::move(entries);
  }

  /// The core's own observers of access decisions, in place of those before; at once. What their `self` points at
  /// is held by their `keeps`.
  void observe_decisions(std::vector<base::ChainEntry<access::AuthorizedEvent>> entries);

  /// What is asked from now on. True: every shard has passed the barrier, and nobody is in a hook that is no longer
  /// published. False: not within `limit_ms`; settle() tries again. Not from a shard, nor from within a hook.
  bool publish(PublishedChains next, uint64_t limit_ms);
  /// The same hooks again: the core's entries have changed.
  bool republish(uint64_t limit_ms);
  /// Waits for what has been unpublished. True: nobody is in it any more.
  bool settle(uint64_t limit_ms);

  /// What is published now.
  [[nodiscard]] const PublishedChains& published() const { return published_; }
  /// Of a hook that is published as a shadow: what it would have decided. Null: it isn't.
  [[nodiscard]] const base::ShadowTally* shadow_of(const Hook& hook) const;

 private:
  void place_all();
  void swap_all();
  [[nodiscard]] bool decides_access() const;
  template <hooks::HookId Id>
  void swap_point();
  [[nodiscard]] base::ChainOrder order_of(const PublishedHook& published) const;
  template <hooks::HookId Id>
  [[nodiscard]] base::ChainEntry<EventOf<Id>> entry_of(const PublishedHook& published);
  /// Observers of a point by tables, each with the place of its first one; `cores` are the places of the core's own.
  using ObserverTables = std::vector<std::pair<base::ChainOrder, std::shared_ptr<ObserverTable>>>;
  [[nodiscard]] ObserverTables observer_tables(hooks::HookId id, std::vector<base::ChainOrder> cores) const;

  const BridgeEnvironment& environment_;
  AllPoints points_;
  std::unique_ptr<CoreEntries> core_;
  PublishedChains published_;
  std::map<std::pair<hooks::HookId, base::Phase>, StablePlaces> places_;
  std::map<const Hook*, uint32_t> keys_;  // in place of the published list indexes
  std::vector<Hook*> leaving_;            // unpublished, barrier not passed yet
  std::map<const Hook*, std::shared_ptr<base::ShadowTally>> shadows_;
};

}  // namespace patchbay::plugin_bridge

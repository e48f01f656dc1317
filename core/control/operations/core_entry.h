#pragma once

#include <memory>
#include <string>
#include <utility>

#include "base/chain.h"
#include "plugin_bridge/chain_publisher.h"

namespace patchbay::operations {

/// Where the core's entries stand among those of a phase: before all plugins.
inline constexpr int32_t kBeforePlugins = INT32_MIN;

/// One listener of the core's own at a hook point. `keeps` lives as long as a shard can see the entry, which makes it
/// the place for what the entry looks at: a change publishes a new entry with a new value, and nobody needs a lock.
/// `wants`, when given, gets `keeps`, and decides whether the entry is asked at all. [control]
template <hooks::HookId Id>
[[nodiscard]] base::ChainEntry<plugin_bridge::EventOf<Id>> core_entry(
    const std::string& name, base::Phase phase, typename base::ChainEntry<plugin_bridge::EventOf<Id>>::Call call,
    void* self, std::shared_ptr<const void> keeps = {},
    typename base::ChainEntry<plugin_bridge::EventOf<Id>>::Wants wants = nullptr) {
  base::ChainEntry<plugin_bridge::EventOf<Id>> entry;
  entry.call = call;
  entry.self = self;
  entry.order.phase = phase;
  entry.order.list_index = 0;
  entry.order.priority = kBeforePlugins;
  entry.order.name = "core:" + name;
  entry.filter = std::move(keeps);
  entry.wants = wants;
  return entry;
}

/// Publishes one entry of `owner` at the point, or, where `on` is false, none: an empty point costs the flow plane one
/// load and compare.
template <hooks::HookId Id>
void listen_at(plugin_bridge::ChainPublisher& chains, const std::string& owner, bool on,
               base::ChainEntry<plugin_bridge::EventOf<Id>> entry) {
  std::vector<base::ChainEntry<plugin_bridge::EventOf<Id>>> entries;
  if (on) entries.push_back(std::move(entry));
  chains.set_core_entries<Id>(owner, std::move(entries));
}

}  // namespace patchbay::operations

#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/chain.h"
#include "plugin_bridge/hook_traits.h"

namespace patchbay::plugin_bridge {

/// What the core itself listens to at one point, by the name of who listens.
template <class Event>
using CoreEntryLists = std::map<std::string, std::vector<base::ChainEntry<Event>>>;

/// The same for all points.
struct CoreEntries {
#define PATCHBAY_HOOK(number, identifier, name, layer, kinds, heat, may_defer, deadline_ms, fallback, since, event, \
                      core_event)                                                                                   \
  CoreEntryLists<EventOf<hooks::HookId::identifier>> identifier;
#include "patchbay/hooks.def"

  template <hooks::HookId Id>
  [[nodiscard]] CoreEntryLists<EventOf<Id>>& at() {
#define PATCHBAY_HOOK(number, identifier, name, layer, kinds, heat, may_defer, deadline_ms, fallback, since, event, \
                      core_event)                                                                                   \
  if constexpr (Id == hooks::HookId::identifier) return identifier;
#include "patchbay/hooks.def"
  }
};

}  // namespace patchbay::plugin_bridge

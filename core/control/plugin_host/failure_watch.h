#pragma once

#include <map>
#include <utility>
#include <vector>

#include "hooks/hook_points.h"
#include "plugin_bridge/hook.h"
#include "plugin_host/loaded_plugin.h"

namespace patchbay::plugin_host {

/// Says in a plugin's health how many questions it could not answer since the last look. A plugin whose back end is
/// away stays in the path, with its fallbacks, so this is where an operator sees it.
class FailureWatch {
 public:
  using Outcomes = std::vector<std::pair<hooks::HookId, plugin_bridge::Hook::Outcomes>>;

  [[nodiscard]] static Outcomes outcomes_of(const plugin_bridge::Instance& instance);
  /// What the plugin says of itself, and what was seen: at least half of the answers of a hook failed means degraded.
  [[nodiscard]] PluginHealth look(PluginHealth said, const Outcomes& outcomes);
  /// Another version runs, which is counted anew.
  void forget() { seen_.clear(); }

 private:
  std::map<hooks::HookId, plugin_bridge::Hook::Outcomes> seen_;
};

}  // namespace patchbay::plugin_host

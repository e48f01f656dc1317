#include "plugin_host/plugin_state.h"

namespace patchbay::plugin_host {

std::string_view plugin_state_name(PluginState state) {
  switch (state) {
    case PluginState::installed:
      return "installed";
    case PluginState::verified:
      return "verified";
    case PluginState::loaded:
      return "loaded";
    case PluginState::configured:
      return "configured";
    case PluginState::started:
      return "started";
    case PluginState::draining:
      return "draining";
    case PluginState::stopped:
      return "stopped";
    case PluginState::unloaded:
      return "unloaded";
    case PluginState::failed:
      return "failed";
    case PluginState::quarantined:
      return "quarantined";
    case PluginState::zombie:
      break;
  }
  return "zombie";
}

}  // namespace patchbay::plugin_host

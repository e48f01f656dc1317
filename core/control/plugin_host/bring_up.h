#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <variant>

#include "config/plugin_config.h"
#include "package/prepared_settings.h"
#include "plugin_bridge/bridge.h"
#include "plugin_host/control_thread.h"
#include "plugin_host/instance_services.h"
#include "plugin_host/loaded_plugin.h"
#include "plugin_host/plugin_state.h"
#include "plugin_host/step_limits.h"

namespace patchbay::plugin_host {

/// What bringing a plugin up works with. Outlives it.
struct BringUpTools {
  ControlThread& control;
  plugin_bridge::Bridge& bridge;
  InstanceServices& services;
  LibraryLoader& loader;
  const StepLimits& limits;
};

struct BringUpRequest {
  std::string instance;
  config::PluginConfig config;
  package::TrustPolicy trust;
  std::filesystem::path file;
  std::filesystem::path loaded_dir;
  std::string settings;         ///< JSON, as the operator wrote it
  uint32_t config_version = 0;  ///< of the manifest that the settings were written for; 0: of this one
  uint32_t number = 0;
  uint64_t generation = 0;
  std::shared_ptr<LoadedPlugin> before;  ///< the version that runs, whose state the new one may take over; or null
  /// Asked when the manifest is known, before anything is loaded: a sentence refuses.
  std::function<std::string(const package::Manifest&)> allow;
  /// Told of each state that is reached.
  std::function<void(PluginState)> reached;
};

struct BroughtUp {
  std::shared_ptr<LoadedPlugin> plugin;  ///< started; its hooks are not published
  package::PreparedSettings settings;
};

/// Why it failed. What had been loaded by then has to be retired, unless a step is still in it.
struct BringUpFailure {
  std::string sentence;
  std::shared_ptr<LoadedPlugin> left_over;
  bool stuck = false;  ///< a step passed its limit: a zombie
};

/// Verifies, loads, makes, configures and starts one instance, a step of the control thread each; stops at the first
/// step that says no. [conductor]
[[nodiscard]] std::variant<BroughtUp, BringUpFailure> bring_up(const BringUpTools& tools,
                                                               const BringUpRequest& request);

/// Permissions that need no word of the operator: what they allow, every hook allows as well. [any-thread]
[[nodiscard]] std::set<std::string, std::less<>> granted_permissions(const config::PluginConfig& config);

/// The interfaces that this host offers, out of all that the SDK knows. [control]
[[nodiscard]] package::HostOffer host_offer(const plugin_bridge::InterfaceDirectory& interfaces,
                                            const config::PluginConfig& config);

}  // namespace patchbay::plugin_host

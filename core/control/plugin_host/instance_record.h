#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "config/plugin_config.h"
#include "hooks/hook_points.h"
#include "plugin_bridge/breaker.h"
#include "plugin_host/failure_watch.h"
#include "plugin_host/host_status.h"
#include "plugin_host/loaded_plugin.h"
#include "plugin_host/plugin_state.h"

namespace patchbay::plugin_host {

/// The time after an upgrade in which the old version can come back by itself.
struct Soak {
  std::filesystem::path previous_file;             ///< the old version's private copy
  std::optional<package::PluginPackage> previous;  ///< keeps that file, once the old version is unmapped
  std::string previous_version;
  uint64_t until_ms = 0;                                    ///< steady
  uint64_t until_unix_ms = 0;                               ///< the same moment, to show
  double failure_share = 0;                                 ///< of the old version's answers
  PluginHealth::Kind health = PluginHealth::Kind::healthy;  ///< of the old version
};

/// What the host knows of one instance, running or not. Changed by the conductor alone.
struct InstanceRecord {
  static constexpr size_t kTransitionsMax = 32;

  std::string name;
  config::PluginConfig config;
  bool enabled = false;
  PluginState state = PluginState::installed;
  std::string reason;
  std::vector<PluginTransition> transitions;

  std::shared_ptr<LoadedPlugin> current;  ///< whose hooks are published; null: it doesn't run
  std::filesystem::path file;             ///< that it was loaded from
  std::string settings_stored;            ///< as the operator wrote them
  std::string settings_shown;
  uint64_t settings_version = 0;
  uint32_t config_version = 0;  ///< of the manifest that they were written for; 0: not known, the present one
  PluginHealth health;
  uint64_t next_health_ms = 0;
  FailureWatch failures;
  std::optional<Soak> soak;
  std::string refused_sha256;  ///< a file that was rolled back from

  struct BreakerView {
    plugin_bridge::Breaker::State state = plugin_bridge::Breaker::State::closed;
    uint64_t openings = 0;
  };
  std::map<hooks::HookId, BreakerView> breakers;
  PluginFaults left_behind;             ///< by versions that are gone: only leaks and threads
  std::set<hooks::HookId> forced_open;  ///< by the operator, so that nobody has to be told

  // What its file said when it was looked at last.
  std::string plugin_id;
  std::string version;
  std::string title;
  std::string sha256;
  std::string settings_schema;  ///< JSON Schema
  bool authenticates = false;   ///< decides who may connect
  bool authorizes = false;      ///< decides what clients may do
  std::vector<std::string> needs, wants, provides;

  void take_facts(const package::PluginPackage& package);
  void take_hooks(const package::Manifest& manifest);
  void move_to(PluginState next, std::string why, uint64_t unix_ms);
  /// Share of this version's answers that ended badly, once there have been enough; else nothing.
  [[nodiscard]] std::optional<double> failure_share() const;
};

}  // namespace patchbay::plugin_host

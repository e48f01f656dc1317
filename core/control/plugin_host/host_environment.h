#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "alarms/alarms.h"
#include "base/clock.h"
#include "plugin_bridge/bridge.h"
#include "plugin_host/instance_services.h"
#include "plugin_host/library.h"
#include "plugin_host/step_limits.h"

namespace patchbay::plugin_host {

/// What the host is built on. Everything outlives it.
struct HostEnvironment {
  plugin_bridge::Bridge& bridge;
  alarms::Alarms& alarms;
  InstanceServices& services;
  LibraryLoader& loader;
  const base::Clock& clock;
  std::filesystem::path data_dir;
  StepLimits limits = {};
  /// Told whether an instance that is enabled and decides who may connect does not run, at each change; at first none
  /// is absent. [conductor]
  std::function<void(bool absent)> authenticator_absent = {};
  /// The same of who decides what clients may do. [conductor]
  std::function<void(bool absent)> authorizer_absent = {};
};

/// Something that observers of the control plane are told of; see PATCHBAY_CONTROL_HOOK in hooks.def.
struct ControlNews {
  std::string object;
  std::string before;
  std::string after;
  std::string author = "node";
  std::string details_json = "{}";
};

/// A question of the control plane.
struct AdminQuestion {
  std::string user;
  std::string action;
  std::string object;
  std::string body_json;
};

/// A file that is to be taken in.
struct InstallRequest {
  std::filesystem::path file;
  std::string sha256;                    ///< what its hash must be
  std::string instance;                  ///< whose file it becomes; "": nobody's yet
  std::vector<std::string> permissions;  ///< granted to that instance
};

/// A change of an instance's settings.
struct SettingsRequest {
  std::string settings;  ///< JSON; masked secrets stand for those in force
  std::string author;
  std::string note;
  std::optional<uint64_t> expected_version;  ///< If-Match
  bool dry_run = false;
};

}  // namespace patchbay::plugin_host

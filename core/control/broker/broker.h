#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/config.h"
#include "config/config_loader.h"
#include "plugin_host/plugin_host.h"

namespace patchbay::broker {

/// The composition root: builds the flow plane from a configuration, starts it, reloads it and stops it in order.
/// [control]
class Broker {
 public:
  /// `version` as shown in $SYS and logs.
  Broker(const config::LoadedConfig& loaded, const std::string& version);
  ~Broker();
  Broker(const Broker&) = delete;
  Broker& operator=(const Broker&) = delete;

  /// What the flow plane would refuse in `config`, a line each; asked before a start or a reload.
  [[nodiscard]] static std::vector<std::string> problems(const config::Config& config);
  /// Whether a plugin that `config` enables decides who may connect.
  [[nodiscard]] static bool has_authenticator(const config::Config& config);
  /// Starts shards, plugins and listeners. On failure nothing is left running; the error is for the user.
  [[nodiscard]] base::Result<std::vector<std::string>, std::string> start();
  /// Applies what can change without a restart: TLS files are read again, limits, rewrite and log levels replaced.
  /// Returns what needs a restart, and what failed, a line each; the old values stay where something failed.
  std::vector<std::string> reload(const config::LoadedConfig& loaded);
  /// What is due now and then: $SYS. Returns the milliseconds until the next call.
  uint64_t housekeeping();
  /// The plugin host, once started. [any-thread]
  [[nodiscard]] plugin_host::PluginHost& plugins();
  /// Stops accepting, says goodbye to all clients, ends the shards. Idempotent.
  void stop();

 private:
  [[nodiscard]] base::Result<std::vector<std::string>, std::string> start_listeners();
  void publish_alarms();

  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace patchbay::broker

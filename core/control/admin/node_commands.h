#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/config.h"

namespace patchbay::admin {

/// One listener as it is configured and as it runs.
struct ListenerView {
  std::string id;  ///< "tcp:default"
  config::ListenerType type = config::ListenerType::tcp;
  std::string name;
  config::ListenerConfig config;
  bool enabled = true;
  bool running = false;
  std::string bound;  ///< the address that is really bound
  uint64_t current_connections = 0;
};

/// A protocol besides MQTT that a plugin speaks, or has spoken since the node started.
struct ProtocolView {
  std::string id;    ///< as listeners name it: "stomp"
  std::string name;  ///< as its clients are shown: "STOMP"
  std::string plugin;
  bool running = false;
  uint64_t created_unix_ms = 0;
  uint64_t started_unix_ms = 0;
  uint64_t stopped_unix_ms = 0;  ///< 0: never
};

/// What a change of the configuration came to.
struct ConfigOutcome {
  std::vector<std::string> applied;        ///< keys that are in force now
  std::vector<std::string> needs_restart;  ///< keys that are kept, and take effect after a restart
};

/// Role: what only the composition root can do to the node. Implemented by control/broker; tests have a twin. All of it
/// is called by threads of the REST server, and waits until it is done; changes are made one at a time. [control]
class NodeCommands {
 public:
  virtual ~NodeCommands() = default;

  /// The configuration in force, with what was changed at run time.
  [[nodiscard]] virtual config::Config configuration() const = 0;
  /// Checks `changed` as the start would, keeps what was changed in the data directory, and applies what can be applied
  /// without a restart. Errors: a line each, naming the key and what is allowed; then nothing has changed.
  [[nodiscard]] virtual base::Result<ConfigOutcome, std::vector<std::string>> change_configuration(
      const std::function<void(config::Config&)>& change, std::string_view author) = 0;

  [[nodiscard]] virtual std::vector<ListenerView> listeners() const = 0;
  /// Starts, stops (its connections get a goodbye) or restarts one; the error is a sentence.
  [[nodiscard]] virtual base::Result<bool, std::string> start_listener(std::string_view id) = 0;
  [[nodiscard]] virtual base::Result<bool, std::string> stop_listener(std::string_view id) = 0;
  /// Creates (`previous` nothing) or changes one, keeps it in the data directory, and runs it when it is enabled; the
  /// others are not touched.
  [[nodiscard]] virtual base::Result<bool, std::vector<std::string>> put_listener(const ListenerView& listener) = 0;
  [[nodiscard]] virtual base::Result<bool, std::string> remove_listener(std::string_view id) = 0;

  /// The protocols of plugins, by id.
  [[nodiscard]] virtual std::vector<ProtocolView> protocols() const = 0;

  /// The level of one area, or of all ("").
  [[nodiscard]] virtual base::Result<bool, std::string> set_log_level(std::string_view area,
                                                                      std::string_view level) = 0;
};

}  // namespace patchbay::admin

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "alarms/alarms.h"
#include "base/result.h"
#include "broker/flow_shard.h"
#include "config/config.h"
#include "net/shard_group.h"
#include "plugin_bridge/bridge.h"
#include "plugin_host/plugin_host.h"
#include "plugin_protocols/protocol_records.h"
#include "plugin_services/node_services.h"
#include "plugin_services/service_shards.h"

namespace patchbay::broker {

/// What a node needs to host plugins, built on its shards and put together: bridge, services, host, alarms. Made when
/// the shards' flow planes exist and do not run yet; destroyed after the shards have ended. [control]
class PluginWiring {
 public:
  PluginWiring(const config::Config& config, const base::Clock& clock, NodeState& node, net::ShardGroup& shards,
               const std::vector<std::unique_ptr<FlowShard>>& flow);
  ~PluginWiring();
  PluginWiring(const PluginWiring&) = delete;
  PluginWiring& operator=(const PluginWiring&) = delete;

  /// What is wrong with the configuration of plugins: a line each.
  [[nodiscard]] static std::vector<std::string> problems(const config::Config& config);
  /// Whether one of the plugins that are enabled says of itself that it decides who may connect.
  [[nodiscard]] static bool has_authenticator(const config::Config& config);

  /// Starts the plugins that are enabled, while nobody can connect yet. The error is about one without which the node
  /// must not run. The shards run.
  [[nodiscard]] base::Result<bool, std::string> boot();
  /// Tells the plugins, does what the configuration says; returns at once.
  void reload(const config::Config& config);
  /// Ends all plugins, while the shards still run. Idempotent.
  void stop();

  [[nodiscard]] plugin_host::PluginHost& host();
  [[nodiscard]] plugin_bridge::Bridge& bridge();
  [[nodiscard]] alarms::Alarms& alarms();
  [[nodiscard]] const plugin_services::ServiceShards& shards() const;
  [[nodiscard]] plugin_services::NodeServices& services();
  [[nodiscard]] const plugin_protocols::ProtocolRecords& protocols() const;
  /// Runs a change of the core's own listeners where no hook of the control plane runs meanwhile, and publishes it.
  void change_core_entries(std::function<void(plugin_bridge::ChainPublisher&)> change);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace patchbay::broker

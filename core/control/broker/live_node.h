#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "broker/flow_shard.h"
#include "broker/plugin_wiring.h"
#include "broker/sys_publisher.h"
#include "config/config.h"
#include "config/config_changes.h"
#include "config/config_loader.h"
#include "net/listeners.h"
#include "net/shard_group.h"
#include "operations/operations.h"

namespace patchbay::broker {

/// The parts of the running node that a change of the configuration reaches. All of them are the Broker's. Changes are
/// made under `mutex`, by the thread of the signals and by those of the REST server.
struct LiveNode {
  std::mutex& mutex;
  config::Config& config;          ///< in force; guarded by `mutex`
  config::ConfigSources& sources;  ///< what it was loaded from; guarded by `mutex`
  NodeState& node;
  net::ShardGroup& shards;
  const std::vector<std::unique_ptr<FlowShard>>& flow;
  net::Listeners& listeners;
  PluginWiring& plugins;
  SysPublisher& sys;
  operations::Operations& operations;
};

/// Puts in force what of `after` needs no restart, tells plugins and the log, and makes it the node's configuration.
/// `source`: who changed it, "file" or a user. Returns all changes; `notes` gets what failed. Under the mutex.
/// [control]
std::vector<config::ConfigChange> apply_configuration(LiveNode& live, const config::Config& after,
                                                      std::string_view source, std::vector<std::string>& notes);

/// Starts one listener, tells the log and the plugins. [control]
[[nodiscard]] base::Result<net::ListenerStatus, std::string> start_listener(LiveNode& live,
                                                                            const net::ListenerOptions& options);
/// Stops one; with `kick` its clients get a goodbye. False: no such listener runs. [control]
bool stop_listener(LiveNode& live, std::string_view id, bool kick);

/// Listens to the client events that `config` asks for. [control]
void listen_for_sys_topics(LiveNode& live, const config::SysTopicsConfig& config);

}  // namespace patchbay::broker

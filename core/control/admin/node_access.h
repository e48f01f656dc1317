#pragma once

#include <string>

#include "alarms/alarms.h"
#include "base/clock.h"
#include "metrics/metrics_registry.h"
#include "plugin_host/plugin_host.h"
#include "plugin_services/node_services.h"
#include "plugin_services/service_shards.h"

namespace patchbay::operations {
class Operations;
}

namespace patchbay::admin {

class NodeCommands;

/// The node as the endpoints see it. Made by the composition root; everything outlives the server. [any-thread]
struct NodeAccess {
  std::string node_name;
  std::string version;
  std::string data_dir;
  uint64_t started_unix_ms = 0;
  const base::Clock& clock;
  const plugin_services::ServiceShards& shards;
  metrics::MetricsRegistry& metrics;
  alarms::Alarms& alarms;
  plugin_host::PluginHost& plugins;
  plugin_services::NodeServices& plugin_services;
  operations::Operations& operations;  ///< banned, traces, topic metrics, slow subscriptions, history
  NodeCommands& commands;              ///< configuration, listeners, log levels
};

}  // namespace patchbay::admin

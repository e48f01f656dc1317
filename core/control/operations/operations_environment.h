#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "alarms/alarms.h"
#include "base/clock.h"
#include "metrics/metrics_registry.h"
#include "plugin_bridge/chain_publisher.h"
#include "plugin_services/service_shards.h"

namespace patchbay::operations {

/// A change of what the core itself listens to, and the way to make it: runs the change where chains may be changed,
/// publishes it, and returns when every shard sees it, or after a while. Not from a shard nor from the thread of
/// chains. [control]
using ChainChange = std::function<void(plugin_bridge::ChainPublisher&)>;
using ChangeChains = std::function<void(ChainChange)>;

/// What the operations are built on. Made by the composition root; everything outlives them.
struct OperationsEnvironment {
  const base::Clock& clock;
  const plugin_services::ServiceShards& shards;
  metrics::MetricsRegistry& metrics;
  alarms::Alarms& alarms;
  ChangeChains change_chains;
  std::filesystem::path data_dir;
  uint64_t max_connections = 0;                      ///< in force; 0: not known
  std::function<uint64_t()> topics = {};             ///< topic filters in the subscription index [any-thread]
  std::function<uint64_t()> log_lines_dropped = {};  ///< since the start [any-thread]
};

}  // namespace patchbay::operations

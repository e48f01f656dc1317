#pragma once

#include <memory>

#include "base/clock.h"
#include "broker/flow_shard.h"
#include "broker/plugin_wiring.h"
#include "config/config.h"
#include "metrics/metrics_registry.h"
#include "operations/operations.h"

namespace patchbay::broker {

/// What operators have watched or kept out, on the parts of this node; nothing of it runs before
/// Operations::start(). The parts must outlive it. [control]
[[nodiscard]] std::unique_ptr<operations::Operations> make_operations(const config::Config& config,
                                                                      const base::Clock& clock, NodeState& node,
                                                                      metrics::MetricsRegistry& metrics,
                                                                      PluginWiring& plugins);

/// The configuration in its words.
[[nodiscard]] operations::OperationsSettings operations_settings(const config::Config& config);

}  // namespace patchbay::broker

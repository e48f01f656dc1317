#pragma once

#include <memory>
#include <string>

#include "admin/admin_server.h"
#include "base/clock.h"
#include "broker/node_commands.h"
#include "broker/plugin_wiring.h"
#include "config/config.h"
#include "metrics/metrics_registry.h"
#include "operations/operations.h"

namespace patchbay::broker {

/// The parts of the node that the REST server reaches; all of them outlive it.
struct AdminParts {
  const std::string& version;
  const base::Clock& clock;
  metrics::MetricsRegistry& metrics;
  PluginWiring& plugins;
  operations::Operations& operations;
  NodeCommands& commands;
};

/// The REST server; null where the configuration wants none. Nothing of it runs yet. [control]
[[nodiscard]] std::unique_ptr<admin::AdminServer> make_admin_server(const config::Config& config,
                                                                    const AdminParts& parts);

}  // namespace patchbay::broker

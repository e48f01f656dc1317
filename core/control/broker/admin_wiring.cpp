#include "broker/admin_wiring.h"

namespace patchbay::broker {

std::unique_ptr<admin::AdminServer> make_admin_server(const config::Config& config, const AdminParts& parts) {
  if (config.api.bind.empty()) return nullptr;
  return std::make_unique<admin::AdminServer>(
      config, admin::NodeAccess{config.node.name, parts.version, config.node.data_dir, parts.clock.unix_ms(),
                                parts.clock, parts.plugins.shards(), parts.metrics, parts.plugins.alarms(),
                                parts.plugins.host(), parts.plugins.services(), parts.operations, parts.commands});
}

}  // namespace patchbay::broker

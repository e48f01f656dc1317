#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "access/client_info.h"
#include "plugin_services/service_shards.h"

namespace patchbay::operations {

/// Sends one client away with 0x98 (administrative action), if it is connected. Returns at once. [any-thread]
void disconnect_client(const plugin_services::ServiceShards& shards, std::string client_id);

/// The same for all clients that `wanted` picks: every shard walks over its sessions, so many in a turn. `wanted` runs
/// on shards. Returns at once. [any-thread]
void disconnect_where(const plugin_services::ServiceShards& shards,
                      const std::function<bool(const access::ClientInfo&)>& wanted, size_t sessions_per_turn);

}  // namespace patchbay::operations

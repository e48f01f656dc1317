#pragma once

#include "admin/api_response.h"
#include "admin/node_access.h"
#include "admin/route.h"

namespace patchbay::admin {

/// What belongs to one client: its subscriptions, its messages, what access control remembers of it. [control]
void add_client_session_routes(RouteTable& routes, const NodeAccess& node);
/// The messages that wait for a client and those on their way to it. [control]
void add_client_message_routes(RouteTable& routes, const NodeAccess& node);

/// 503.
[[nodiscard]] ApiResponse shard_did_not_answer();
/// 404 CLIENTID_NOT_FOUND.
[[nodiscard]] ApiResponse no_such_client();

}  // namespace patchbay::admin

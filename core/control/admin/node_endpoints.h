#pragma once

#include "admin/audit_log.h"
#include "admin/node_access.h"
#include "admin/route.h"

namespace patchbay::admin {

/// /status, /nodes, /error_codes. [control]
void add_node_routes(RouteTable& routes, const NodeAccess& node);
/// /audit. `audit` outlives the routes. [control]
void add_audit_routes(RouteTable& routes, const NodeAccess& node, const AuditLog& audit);

/// GET /status, which is served at the root too.
[[nodiscard]] Route status_route(const NodeAccess& node);

}  // namespace patchbay::admin

#pragma once

#include "admin/node_access.h"
#include "admin/route.h"

namespace patchbay::admin {

/// The topic filters that somebody has subscribed to: what EMQX calls its routes. [control]
void add_topic_routes(RouteTable& routes, const NodeAccess& node);

}  // namespace patchbay::admin

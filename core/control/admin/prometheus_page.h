#pragma once

#include <string>

#include "admin/node_access.h"

namespace patchbay::admin {

/// The node's metrics in Prometheus's text format 0.0.4: `emqx_...`, as EMQX's published dashboards ask for them, the
/// broker's own `patchbay_...`, those of plugins, and what their hooks do. [control]
[[nodiscard]] std::string prometheus_page(const NodeAccess& node);

}  // namespace patchbay::admin

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "admin/node_access.h"
#include "metrics/node_info.h"

/// The node's numbers under the names that EMQX has for them. [any-thread]
namespace patchbay::admin {

struct Statistic {
  std::string name;  ///< "connections.count"
  uint64_t value = 0;
};

/// What there is now, and the most there was: "connections.count", "connections.max", ...
[[nodiscard]] std::vector<Statistic> node_stats(const NodeAccess& node);
/// What has happened since the start: every counter, and what EMQX calls them where that is another name.
[[nodiscard]] std::vector<Statistic> node_counters(const NodeAccess& node);
[[nodiscard]] metrics::NodeInfo node_info(const NodeAccess& node);

}  // namespace patchbay::admin

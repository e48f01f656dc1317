#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace patchbay::metrics {

/// What $SYS topics and metrics say about the node itself.
struct NodeInfo {
  std::string name;  ///< node.name: one topic level
  std::string version;
  std::string description;
  uint64_t uptime_ms = 0;
  uint64_t unix_ms = 0;                    ///< now
  std::vector<std::string> running_nodes;  ///< of the cluster, this one included
};

}  // namespace patchbay::metrics

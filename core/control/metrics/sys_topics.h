#pragma once

#include <string>
#include <vector>

#include "metrics/metrics_registry.h"
#include "metrics/node_info.h"

/// What is published below `$SYS/brokers`, with EMQX's topics and payloads. Pure: the broker publishes. [any-thread]
namespace patchbay::metrics {

struct SysMessage {
  std::string topic;
  std::string payload;
  bool retain = false;

  bool operator==(const SysMessage&) const = default;
};

/// `uptime` (milliseconds) and `datetime` (RFC 3339): every sys_topics.sys_heartbeat_interval_s.
[[nodiscard]] std::vector<SysMessage> sys_heartbeat(const NodeInfo& node);

/// The list of nodes, `version`, `sysdescr`, `stats/…` and `metrics/…`: every sys_topics.sys_msg_interval_s.
[[nodiscard]] std::vector<SysMessage> sys_report(const NodeInfo& node, const MetricsSnapshot& snapshot);

}  // namespace patchbay::metrics

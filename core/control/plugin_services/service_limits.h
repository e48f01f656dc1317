#pragma once

#include <cstdint>

namespace patchbay::plugin_services {

/// How much one instance may use of each service; from the configuration. Beyond a limit the instance is told BUSY, and
/// the refusal is counted (see ServiceRefusals).
struct ServiceLimits {
  uint32_t max_pending_publishes = 10'000;  ///< plugins.max_pending_publishes: handed over, not routed yet
  uint32_t max_publish_depth = 4;           ///< plugins.max_publish_depth: a hook publishes, whose hook publishes, ...
  uint32_t max_subscriptions = 1'000;       ///< plugins.max_subscriptions
  uint32_t max_pending_queries =
      1'000;  ///< plugins.max_pending_queries: lookups and orders about clients and retained messages
  uint32_t max_timers = 10'000;           ///< plugins.max_timers
  uint32_t max_pending_work = 10'000;     ///< plugins.max_pending_work: jobs for workers and posts to shards
  uint32_t max_threads = 8;               ///< plugins.max_threads
  uint32_t max_fd_watches = 1'024;        ///< plugins.max_fd_watches
  uint32_t max_streams = 256;             ///< plugins.max_streams: outgoing connections
  uint64_t max_kv_bytes = 64ull << 20;    ///< plugins.max_kv_bytes
  uint32_t max_metrics = 256;             ///< plugins.max_metrics
  uint32_t max_alarms = 100;              ///< plugins.max_alarms
  uint32_t max_leases = 1'000;            ///< plugins.max_leases
  uint32_t max_pending_requests = 1'000;  ///< plugins.max_pending_requests: of its REST routes, not answered yet
  uint32_t route_deadline_ms = 5'000;     ///< plugins.route_deadline
};

}  // namespace patchbay::plugin_services

#pragma once

#include <cstdint>

namespace patchbay::operations {

/// The node in one stretch of time: how many there were at its end, and how much happened within it.
struct MonitorSample {
  uint64_t unix_ms = 0;  ///< the end
  // At the end.
  uint64_t connections = 0;
  uint64_t live_connections = 0;
  uint64_t sessions = 0;
  uint64_t topics = 0;
  uint64_t subscriptions = 0;
  uint64_t shared_subscriptions = 0;
  uint64_t retained = 0;
  // Within it.
  uint64_t received = 0;  ///< messages
  uint64_t sent = 0;
  uint64_t dropped = 0;
  uint64_t received_bytes = 0;
  uint64_t sent_bytes = 0;

  /// What happened is added, what there was is the newer one's.
  void extend_by(const MonitorSample& newer);
};

}  // namespace patchbay::operations

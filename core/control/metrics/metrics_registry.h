#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <vector>

#include "base/counters.h"

namespace patchbay::metrics {

/// Whether a counter goes up and down (connections, sessions), unlike those that only count events.
[[nodiscard]] bool is_gauge(base::Counter counter);

/// The sums of all shards at one moment.
struct MetricsSnapshot {
  std::array<uint64_t, base::kCounterCount> values{};
  std::array<uint64_t, base::kCounterCount> maxima{};  ///< of gauges: the highest sum seen by any snapshot so far

  [[nodiscard]] uint64_t get(base::Counter counter) const { return values[static_cast<size_t>(counter)]; }
  [[nodiscard]] uint64_t max(base::Counter counter) const { return maxima[static_cast<size_t>(counter)]; }
};

/// Knows every shard's counters and sums them up. [control], any thread of it.
class MetricsRegistry {
 public:
  /// `counters` must outlive the registry.
  void add(const base::Counters& counters);
  [[nodiscard]] MetricsSnapshot snapshot();

 private:
  std::mutex mutex_;                                    ///< control threads only; shards never wait for it
  std::vector<const base::Counters*> shards_;           ///< guarded by mutex_
  std::array<uint64_t, base::kCounterCount> maxima_{};  ///< guarded by mutex_
};

}  // namespace patchbay::metrics

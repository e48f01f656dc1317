#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <mutex>
#include <vector>

#include "operations/monitor_sample.h"
#include "operations/operations_environment.h"
#include "operations/system_usage.h"

namespace patchbay::operations {

/// A short history of the node, in memory: a sample every 10 s for an hour, then one every 5 minutes for a day. And how
/// much happens per second just now. [control]
class Monitor {
 public:
  static constexpr uint64_t kFineMs = 10'000;
  static constexpr uint64_t kFineKeptMs = 3'600'000;
  static constexpr uint64_t kCoarseMs = 300'000;
  static constexpr uint64_t kCoarseKeptMs = 24 * 3'600'000;
  /// Rates are averages over so many ticks, of about a second each.
  static constexpr size_t kRateTicks = 5;

  struct Rates {
    double received = 0;  ///< messages per second
    double sent = 0;
    double dropped = 0;
    double received_bytes = 0;
    double sent_bytes = 0;
  };

  explicit Monitor(const OperationsEnvironment& environment);

  /// About every second.
  void tick();
  /// Of the last `latest_ms`, the oldest first; 0: all.
  [[nodiscard]] std::vector<MonitorSample> samples(uint64_t latest_ms) const;
  void clear();
  /// As it is now; what "happened within" are the sums since the start.
  [[nodiscard]] MonitorSample now() const;
  [[nodiscard]] Rates rates() const;
  /// The most topic filters that a tick has seen.
  [[nodiscard]] uint64_t topics_max() const;
  /// How much of the machine's processors was in use between the last two ticks, in percent.
  [[nodiscard]] double cpu_use_percent() const;

 private:
  struct Moment {
    uint64_t steady_ms = 0;
    MonitorSample totals;
  };
  void take(const Moment& moment);
  void compact(uint64_t now_unix_ms);

  const OperationsEnvironment& environment_;
  mutable std::mutex mutex_;
  std::deque<MonitorSample> fine_;    ///< guarded by mutex_, as all that follows; the newest last
  std::deque<MonitorSample> coarse_;  ///< the newest last
  std::deque<Moment> recent_;         ///< for the rates
  Moment last_taken_;
  uint64_t topics_max_ = 0;
  SystemCpu cpu_;
  double cpu_use_percent_ = 0;
};

}  // namespace patchbay::operations

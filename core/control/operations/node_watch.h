#pragma once

#include <cstdint>
#include <string>

#include "operations/operations_environment.h"
#include "operations/shard_probes.h"

namespace patchbay::operations {

/// Raises the alarms that an operator expects of the broker itself, and clears them when what they say is over. Looks
/// about every ten seconds. [control]
class NodeWatch {
 public:
  static constexpr uint64_t kIntervalMs = 10'000;
  /// too_many_connections: raised at so many percent of the limit, cleared below the other.
  static constexpr uint64_t kConnectionsHighPercent = 90;
  static constexpr uint64_t kConnectionsLowPercent = 85;
  /// high_system_usage_usage, as EMQX calls it.
  static constexpr uint64_t kMemoryHighPercent = 90;
  static constexpr uint64_t kMemoryLowPercent = 85;
  /// event_loop_lag: how long a shard takes to read a letter.
  static constexpr uint64_t kLagHighMs = 500;

  explicit NodeWatch(const OperationsEnvironment& environment) : environment_(environment), probes_(environment) {}

  void tick();
  [[nodiscard]] const ShardProbes& probes() const { return probes_; }

 private:
  void look();
  void watch_connections(uint64_t connections);
  void watch_memory();
  void watch_lag();
  /// Counters that should stand still: raised when they moved since the last look, cleared when they didn't.
  void watch_counter(const char* name, uint64_t now, uint64_t& before, const char* what);
  void set(const char* name, bool active, const std::string& message, const std::string& details_json = "{}");

  const OperationsEnvironment& environment_;
  ShardProbes probes_;
  uint64_t last_look_ms_ = 0;
  uint64_t lines_dropped_ = 0;
  uint64_t mailbox_pauses_ = 0;
  uint64_t queue_drops_ = 0;
  uint64_t refused_for_limit_ = 0;
};

}  // namespace patchbay::operations

#pragma once

#include <cstddef>
#include <cstdint>

namespace patchbay::net {

/// When a shard that has little to do is run by another shard's thread (see shard_lending.cpp). Two threads that take
/// turns at single messages wake each other for nearly each of them; one thread that does the work of both is woken
/// once. Percentages are of one core.
struct LendingPolicy {
  bool enabled = true;
  uint32_t join_percent = 60;       ///< a guest is taken in when host and guest together used at most so much
  uint32_t part_percent = 75;       ///< a host that uses more gives its guests back
  uint32_t quiet_windows = 4;       ///< windows in a row that a shard was quiet before it asks
  uint64_t window_ms = 25;          ///< over which load is measured
  uint64_t stall_ms = 50;           ///< a host whose turns took longer gives its guests back
  uint64_t stay_ms = 500;           ///< a shard that was given back, or not taken in, does not ask sooner
  uint64_t hang_ms = 1'000;         ///< turns that took longer were somebody's hang, which may come again:
  uint64_t hang_stay_ms = 60'000;   ///< that long each shard has its own thread then
  size_t shards_for_each_host = 8;  ///< shard 0, 8, 16, … are hosts of those that follow them
};

}  // namespace patchbay::net

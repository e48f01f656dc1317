#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "bench/alternation.h"

namespace patchbay::bench {

enum class RunPhase : std::uint8_t { connect_subscribers, connect_publishers, publish, drain, stop };

// The first few errors in words, all of them in number. [any-thread]
class ErrorLog {
 public:
  void add(std::string_view who, std::string_view what);
  std::size_t count() const { return count_.load(); }
  std::vector<std::string> texts() const;

 private:
  static constexpr std::size_t kKept = 10;
  std::atomic<std::size_t> count_{0};
  mutable std::mutex mutex_;
  std::vector<std::string> texts_;
};

// What the controller tells all workers. Written by the controller, read by all.
struct RunState {
  std::atomic<RunPhase> phase{RunPhase::connect_subscribers};
  std::atomic<std::int64_t> schedule_start_ns{0};
  // Latencies are kept of messages that were scheduled in this interval.
  std::atomic<std::int64_t> measure_from_ns{std::numeric_limits<std::int64_t>::max()};
  std::atomic<std::int64_t> measure_until_ns{std::numeric_limits<std::int64_t>::max()};
  SlotPlan slots;  // written before measure_from_ns
  ErrorLog errors;
};

// A counter with one writer: no locked instruction per message. Readers are any threads.
class Counter {
 public:
  void add(std::uint64_t amount = 1) { value_.store(get() + amount, std::memory_order_relaxed); }
  std::uint64_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

// One worker's progress.
struct alignas(64) WorkerCounters {
  Counter published;
  Counter completed;  // acknowledged in full (QoS 1 and 2)
  Counter refused;    // acknowledged with an error
  Counter delivered;
  Counter unexpected;  // deliveries that were meant for someone else, or not ours
  Counter subscribers_ready;
  Counter publishers_ready;
  Counter window_resets;
  Counter connections_lost;
};

}  // namespace patchbay::bench

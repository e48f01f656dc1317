#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bench/histogram.h"

namespace patchbay::bench {

class Report;

// The measured time in slots of one length, in which another process is held and let go: without it, with it, with it,
// without it, and again. So a group of four has both sides at the same time in the mean, and what drifts falls on both.
struct SlotPlan {
  static constexpr std::size_t kGroup = 4;

  std::int64_t start_ns = 0;
  std::int64_t length_ns = 0;  // 0 = there are no slots
  std::int64_t settle_ns = 0;  // at the beginning of each slot: belongs to neither side
  std::size_t count = 0;       // a multiple of kGroup

  static bool is_with(std::size_t slot) { return slot % kGroup == 1 || slot % kGroup == 2; }
  // Which slot has a time, its settling included; nothing before the first and after the last.
  std::optional<std::size_t> slot_at(std::int64_t ns) const;
  bool settled_at(std::int64_t ns) const { return (ns - start_ns) % length_ns >= settle_ns; }
};

// One worker's latencies, by slots. One thread records; what reads comes after it.
class SlotLatencies {
 public:
  void open(std::size_t slots) { slots_.resize(slots); }
  void record(const SlotPlan& plan, std::int64_t scheduled_ns, std::int64_t latency_ns);
  void merge(const SlotLatencies& other);

  std::size_t size() const { return slots_.size(); }
  const Histogram& operator[](std::size_t slot) const { return slots_[slot]; }

 private:
  std::vector<Histogram> slots_;
};

// Holds the process (SIGSTOP) and lets it go (SIGCONT) by the plan. Let go for good when it is destroyed.
class ProcessBeside {
 public:
  explicit ProcessBeside(pid_t pid) : pid_(pid) {}
  ~ProcessBeside() { let(true); }
  ProcessBeside(const ProcessBeside&) = delete;
  ProcessBeside& operator=(const ProcessBeside&) = delete;

  // To be called every few milliseconds. False: the process is there no more.
  bool follow(const SlotPlan& plan, std::int64_t now_ns);

 private:
  bool let(bool go);

  pid_t pid_;
  bool going_ = true;
};

// How the two sides compare: quantiles of all their messages, and how sure their ratio is by drawing groups of slots
// again and again (a bootstrap, always the same draws).
void report_alternation(const SlotLatencies& slots, Report& report);

}  // namespace patchbay::bench

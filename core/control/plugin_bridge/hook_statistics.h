#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace patchbay::plugin_bridge {

/// Sampled durations by powers of two: bucket n holds those below 2^(n+6) ns, the last one all others.
struct LatencyHistogram {
  static constexpr size_t kBuckets = 28;
  static constexpr unsigned kFirstBucketBits = 6;
  [[nodiscard]] static size_t bucket_of(uint64_t duration_ns);
  [[nodiscard]] static uint64_t upper_bound_ns(size_t bucket) { return uint64_t{1} << (bucket + kFirstBucketBits); }

  std::array<uint64_t, kBuckets> counts{};
  uint64_t sum_ns = 0;
  [[nodiscard]] uint64_t samples() const;
  /// Upper bound of the bucket that holds this share of the samples; 0: none.
  [[nodiscard]] uint64_t quantile_ns(double share) const;
};

/// What one hook of one instance has done. Sums over all shards.
struct HookStatistics {
  uint64_t calls = 0;                  ///< those that its filter let through
  std::array<uint64_t, 6> verdicts{};  ///< by kind: PATCHBAY_CONTINUE ...; deferred ones count as PATCHBAY_DEFER
  uint64_t failed = 0;                 ///< said so itself, or was at fault
  uint64_t faults = 0;                 ///< of these: it threw, or answered what the point doesn't take
  uint64_t thrown = 0;                 ///< of these: it threw
  uint64_t refused = 0;        ///< deferred where it could not: over the cap of tokens, or the point doesn't wait
  uint64_t late = 0;           ///< deadlines that passed
  uint64_t cancelled = 0;      ///< the asker went away first
  uint64_t answered = 0;       ///< deferred and answered in time
  uint64_t not_called = 0;     ///< the breaker was open
  uint64_t soft_overruns = 0;  ///< among the sampled calls
  uint64_t hard_overruns = 0;  ///< sampled, or seen by the watchdog
  uint64_t queued = 0;         ///< batch observers: events that wait now
  uint64_t dropped = 0;        ///< batch observers: events that found the queue full
  LatencyHistogram latency;
};

/// One thread's part of it but the calls, which CallCell counts: a shard's, control's, or what all workers share.
struct alignas(64) HookCell {
  std::array<std::atomic<uint64_t>, 6> verdicts{};
  std::atomic<uint64_t> failed{0};
  std::atomic<uint64_t> faults{0};
  std::atomic<uint64_t> thrown{0};
  std::atomic<uint64_t> refused{0};
  std::atomic<uint64_t> late{0};
  std::atomic<uint64_t> cancelled{0};
  std::atomic<uint64_t> answered{0};
  std::atomic<uint64_t> not_called{0};
  std::atomic<uint64_t> soft_overruns{0};
  std::atomic<uint64_t> hard_overruns{0};
  std::atomic<uint64_t> dropped{0};
  std::array<std::atomic<uint64_t>, LatencyHistogram::kBuckets> latency{};
  std::atomic<uint64_t> latency_sum_ns{0};

  /// Of the cell that is the calling thread's own.
  static void add(std::atomic<uint64_t>& counter, uint64_t amount = 1) {
    counter.store(counter.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  }
  /// Of the cell that several threads share, and for rare things.
  static void add_shared(std::atomic<uint64_t>& counter, uint64_t amount = 1) {
    counter.fetch_add(amount, std::memory_order_relaxed);
  }
  void add_to(HookStatistics& sum) const;
  void record_latency(uint64_t duration_ns);
};

}  // namespace patchbay::plugin_bridge

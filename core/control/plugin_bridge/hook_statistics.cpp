#include "plugin_bridge/hook_statistics.h"

#include <algorithm>
#include <bit>
#include <numeric>

namespace patchbay::plugin_bridge {

size_t LatencyHistogram::bucket_of(uint64_t duration_ns) {
  const auto bits = static_cast<unsigned>(std::bit_width(duration_ns));
  return std::min<size_t>(bits <= kFirstBucketBits ? 0 : bits - kFirstBucketBits, kBuckets - 1);
}

uint64_t LatencyHistogram::samples() const {
  return std::accumulate(counts.begin(), counts.end(), uint64_t{0});
}

uint64_t LatencyHistogram::quantile_ns(double share) const {
  const uint64_t all = samples();
  if (all == 0) return 0;
  uint64_t seen = 0;
  for (size_t bucket = 0; bucket < kBuckets; ++bucket) {
    seen += counts[bucket];
    if (static_cast<double>(seen) >= share * static_cast<double>(all)) return upper_bound_ns(bucket);
  }
  return upper_bound_ns(kBuckets - 1);
}

void HookCell::add_to(HookStatistics& sum) const {
  const auto value = [](const std::atomic<uint64_t>& counter) { return counter.load(std::memory_order_relaxed); };
  for (size_t kind = 0; kind < verdicts.size(); ++kind) sum.verdicts[kind] += value(verdicts[kind]);
  sum.failed += value(failed);
  sum.faults += value(faults);
  sum.thrown += value(thrown);
  sum.refused += value(refused);
  sum.late += value(late);
  sum.cancelled += value(cancelled);
  sum.answered += value(answered);
  sum.not_called += value(not_called);
  sum.soft_overruns += value(soft_overruns);
  sum.hard_overruns += value(hard_overruns);
  sum.dropped += value(dropped);
  for (size_t bucket = 0; bucket < latency.size(); ++bucket) sum.latency.counts[bucket] += value(latency[bucket]);
  sum.latency.sum_ns += value(latency_sum_ns);
}

void HookCell::record_latency(uint64_t duration_ns) {
  add_shared(latency[LatencyHistogram::bucket_of(duration_ns)]);
  add_shared(latency_sum_ns, duration_ns);
}

}  // namespace patchbay::plugin_bridge

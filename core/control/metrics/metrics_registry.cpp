#include "metrics/metrics_registry.h"

#include <algorithm>

namespace patchbay::metrics {

namespace {

using base::Counter;

// A gauge may go up on one shard and down on another (a session that moved), so that a shard's own number can be below
// zero, and, read while that happens, so can the sum for a moment. A reader should never see it.
uint64_t settled(Counter counter, uint64_t sum) {
  return is_gauge(counter) && static_cast<int64_t>(sum) < 0 ? 0 : sum;
}

}  // namespace

bool is_gauge(Counter counter) {
  switch (counter) {
    case Counter::connections:
    case Counter::live_connections:
    case Counter::sessions:
    case Counter::subscriptions:
    case Counter::subscriptions_shared:
    case Counter::retained:
    case Counter::retained_bytes:
    case Counter::delayed:
    case Counter::queued_messages:
    case Counter::queued_bytes:
      return true;
    default:
      return false;
  }
}

void MetricsRegistry::add(const base::Counters& counters) {
  const std::lock_guard lock(mutex_);
  shards_.push_back(&counters);
}

MetricsSnapshot MetricsRegistry::snapshot() {
  const std::lock_guard lock(mutex_);
  MetricsSnapshot snapshot;
  for (size_t index = 0; index < base::kCounterCount; ++index) {
    const auto counter = static_cast<Counter>(index);
    uint64_t sum = 0;
    for (const base::Counters* shard : shards_) sum += shard->get(counter);
    snapshot.values[index] = settled(counter, sum);
    if (is_gauge(counter)) maxima_[index] = std::max(maxima_[index], snapshot.values[index]);
  }
  snapshot.maxima = maxima_;
  return snapshot;
}

}  // namespace patchbay::metrics

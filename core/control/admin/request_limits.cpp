#include "admin/request_limits.h"

#include <algorithm>

namespace patchbay::admin {

uint64_t RequestLimits::take(const std::string& caller, uint32_t per_second) {
  if (per_second == 0) return 0;
  const uint64_t now_ms = clock_.steady_ms();
  const double most = 2.0 * per_second;
  const std::lock_guard lock(mutex_);
  // Callers are users and keys, whose number is bounded; those that are gone leave a bucket behind.
  if (buckets_.size() >= kBucketsMax) buckets_.clear();
  const auto [entry, is_new] = buckets_.try_emplace(caller, Bucket{most, now_ms});
  Bucket& bucket = entry->second;
  bucket.tokens = std::min(most, bucket.tokens + static_cast<double>(now_ms - bucket.at_ms) * per_second / 1000.0);
  bucket.at_ms = now_ms;
  if (bucket.tokens < 1) return static_cast<uint64_t>((1 - bucket.tokens) * 1000.0 / per_second) + 1;
  bucket.tokens -= 1;
  return 0;
}

}  // namespace patchbay::admin

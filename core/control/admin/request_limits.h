#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "base/clock.h"

namespace patchbay::admin {

/// How many requests a second each caller may make: a bucket that holds two seconds' worth. [any-thread]
class RequestLimits {
 public:
  explicit RequestLimits(const base::Clock& clock) : clock_(clock) {}

  /// Milliseconds until the caller may ask again; 0: now, and this request counts. `per_second` 0: no limit.
  [[nodiscard]] uint64_t take(const std::string& caller, uint32_t per_second);

 private:
  struct Bucket {
    double tokens = 0;
    uint64_t at_ms = 0;
  };
  static constexpr size_t kBucketsMax = 10'000;

  const base::Clock& clock_;
  std::mutex mutex_;  // guards what follows
  std::map<std::string, Bucket> buckets_;
};

}  // namespace patchbay::admin

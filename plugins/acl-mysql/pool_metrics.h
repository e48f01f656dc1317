#pragma once

#include <array>
#include <chrono>
#include <cstdint>

#include <patchbay/metrics.hpp>

namespace patchbay::acl_mysql {

/// What an instance counts; README.md says what each means. Declared on the control thread; [any-thread] otherwise.
class PoolMetrics {
 public:
  explicit PoolMetrics(host of);

  counter queries;
  counter query_failures;
  counter connections_opened;
  counter connections_failed;
  counter refused_queue_full;
  counter refused_down;
  counter refused_expired;
  counter cache_hits;
  counter cache_misses;
  counter cache_cleanings;
  counter authorized_allow;
  counter authorized_deny;
  counter authorized_no_match;
  counter authorized_failed;
  counter authenticated_allow;
  counter authenticated_deny;
  counter authenticated_unknown;
  counter authenticated_failed;
  gauge connections_open;
  gauge connections_busy;
  gauge queue_length;

  /// A query has come back after so long.
  void took(std::chrono::microseconds duration) const;

 private:
  static constexpr size_t kBuckets = 7;
  std::array<counter, kBuckets> took_at_most_;
  counter took_microseconds_;
};

}  // namespace patchbay::acl_mysql

#include "pool_metrics.h"

#include <string_view>

namespace patchbay::acl_mysql {

namespace {

struct Bucket {
  std::string_view name;
  std::int64_t microseconds;
};
constexpr std::array<Bucket, 7> kDurations = {{{"1", 1'000},
                                               {"5", 5'000},
                                               {"25", 25'000},
                                               {"100", 100'000},
                                               {"500", 500'000},
                                               {"2500", 2'500'000},
                                               {"+Inf", INT64_MAX}}};

counter refused(host of, std::string_view why) {
  return {of, "refused", "Questions that got no connection, and were denied.", {{"why", why}}};
}
counter authorized(host of, std::string_view result) {
  return {of, "authorizations", "Questions about access that this instance has answered.", {{"result", result}}};
}
counter authenticated(host of, std::string_view result) {
  return {of, "authentications", "Log-ins that this instance has answered.", {{"result", result}}};
}

}  // namespace

PoolMetrics::PoolMetrics(host of)
    : queries(of, "queries", "Queries that were sent to the database."),
      query_failures(of, "query_failures", "Queries that were not answered with rows."),
      connections_opened(of, "connections_opened", "Connections that were made."),
      connections_failed(of, "connections_failed", "Attempts to connect that failed."),
      refused_queue_full(refused(of, "queue_full")),
      refused_down(refused(of, "down")),
      refused_expired(refused(of, "expired")),
      cache_hits(of, "cache_hits", "Questions answered from the kept rules of a client."),
      cache_misses(of, "cache_misses", "Questions for which the database was asked."),
      cache_cleanings(of, "cache_cleanings", "Times that kept rules were declared void by REST."),
      authorized_allow(authorized(of, "allow")),
      authorized_deny(authorized(of, "deny")),
      authorized_no_match(authorized(of, "no_match")),
      authorized_failed(authorized(of, "failed")),
      authenticated_allow(authenticated(of, "allow")),
      authenticated_deny(authenticated(of, "deny")),
      authenticated_unknown(authenticated(of, "unknown")),
      authenticated_failed(authenticated(of, "failed")),
      connections_open(of, "connections_open", "Connections that are open now."),
      connections_busy(of, "connections_busy", "Connections that wait for an answer now."),
      queue_length(of, "queue_length", "Questions that wait for a connection now."),
      took_microseconds_(of, "query_microseconds", "Time that queries took, in all.") {
  static_assert(kDurations.size() == kBuckets);
  for (size_t index = 0; index < kBuckets; ++index) {
    took_at_most_[index] = counter(of, "queries_within_ms", "Queries that took at most so many milliseconds.",
                                   {{"le", kDurations[index].name}});
  }
}

void PoolMetrics::took(std::chrono::microseconds duration) const {
  took_microseconds_.add(static_cast<std::uint64_t>(duration.count()));
  for (size_t index = 0; index < kBuckets; ++index) {
    if (duration.count() <= kDurations[index].microseconds) took_at_most_[index].add();
  }
}

}  // namespace patchbay::acl_mysql

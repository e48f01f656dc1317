#pragma once

#include <mutex>
#include <string>
#include <vector>

#include <patchbay/host.hpp>

#include "database.h"
#include "pool_metrics.h"

namespace patchbay::acl_mysql {

/// Runs queries on a connection, counts them, and remembers what went wrong last. [a thread of the pool]
class QueryRunner {
 public:
  QueryRunner(host of, const PoolMetrics& metrics) : host_(of), metrics_(metrics) {}

  [[nodiscard]] Outcome run(Connection& connection, const Query& query, const std::vector<Value>& parameters);
  /// What came can't be used: as a query that was refused.
  void report(const std::string& error);
  /// Why the latest query was refused; empty: it was not. [any-thread]
  [[nodiscard]] std::string last_error() const;

 private:
  void remember(const std::string& error);

  host host_;
  const PoolMetrics& metrics_;
  mutable std::mutex mutex_;  // guards what follows
  std::string last_error_;
  std::string logged_error_;
  std::uint64_t logged_at_ms_ = 0;
};

}  // namespace patchbay::acl_mysql

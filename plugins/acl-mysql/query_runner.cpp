#include "query_runner.h"

#include <chrono>

namespace patchbay::acl_mysql {

namespace {
/// The same error comes with every question; once in this time is enough for a log.
constexpr std::uint64_t kSameErrorEvery_ms = 10'000;
}  // namespace

Outcome QueryRunner::run(Connection& connection, const Query& query, const std::vector<Value>& parameters) {
  // The host's clock counts milliseconds, which is too coarse for a query in the same room.
  const auto begin = std::chrono::steady_clock::now();
  Outcome outcome = connection.run(query, parameters);
  metrics_.queries.add();
  metrics_.took(std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begin));
  if (outcome.fault == Fault::none) {
    remember({});
    return outcome;
  }
  metrics_.query_failures.add();
  if (outcome.fault == Fault::refused) report(outcome.error);
  if (outcome.fault == Fault::lost) host_.log_warning("a connection to the database was lost: ", outcome.error);
  return outcome;
}

void QueryRunner::remember(const std::string& error) {
  const std::lock_guard lock(mutex_);
  if (last_error_ != error) last_error_ = error;
}

void QueryRunner::report(const std::string& error) {
  remember(error);
  const std::uint64_t now_ms = static_cast<std::uint64_t>(host_.now().count());
  {
    const std::lock_guard lock(mutex_);
    if (logged_error_ == error && now_ms < logged_at_ms_ + kSameErrorEvery_ms) return;
    logged_error_ = error;
    logged_at_ms_ = now_ms;
  }
  host_.log_error("the database can't answer: ", error);
}

std::string QueryRunner::last_error() const {
  const std::lock_guard lock(mutex_);
  return last_error_;
}

}  // namespace patchbay::acl_mysql

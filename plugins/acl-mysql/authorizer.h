#pragma once

#include <memory>
#include <optional>

#include <patchbay/client.hpp>
#include <patchbay/event.hpp>
#include <patchbay/verdict.hpp>

#include "connection_pool.h"
#include "no_answer.h"
#include "query_runner.h"
#include "rule_cell.h"

namespace patchbay::acl_mysql {

/// May this client publish here, or subscribe to this? From the rules that are kept for the client, or from the
/// database: then the question is deferred, and a thread of the pool answers it.
class Authorizer {
 public:
  /// `numbers` gives each statement its own. `settings` have been checked.
  Authorizer(host of, const AuthorizationSettings& settings, std::chrono::milliseconds query_timeout,
             std::uint32_t& numbers, ConnectionPool& pool, QueryRunner& runner, const PoolMetrics& metrics,
             const NoAnswer& no_answer);

  /// [shard]
  [[nodiscard]] verdict decide(const event<patchbay_authorize_event>& asked);
  /// What is kept is void; with two empty names that of all clients. [any-thread]
  void clean(std::string_view client_id, std::string_view username);

 private:
  class Lookup;
  struct Slot {
    std::shared_ptr<RuleCell> cell = std::make_shared<RuleCell>();
  };
  [[nodiscard]] std::optional<Decision> from_cache(RuleCell& cell, const patchbay_client* client,
                                                   const Question& question) const;
  [[nodiscard]] verdict answer(Decision decision) const;
  /// The rules that the database has for `subject`, or why there are none.
  [[nodiscard]] Fault fetch(Connection& connection, RuleSet& rules, const Question& question) const;
  [[nodiscard]] std::uint64_t now_ms() const { return static_cast<std::uint64_t>(host_.now().count()); }

  host host_;
  QueryTemplate template_;
  Query query_;
  std::optional<QueryTemplate> superuser_template_;
  Query superuser_query_;
  std::uint64_t ttl_ms_;
  std::uint64_t query_timeout_ms_;
  bool deny_without_match_;
  ConnectionPool& pool_;
  QueryRunner& runner_;
  const PoolMetrics& metrics_;
  const NoAnswer& no_answer_;
  client_slot<Slot> slots_;
  CacheEpochs epochs_;
};

}  // namespace patchbay::acl_mysql

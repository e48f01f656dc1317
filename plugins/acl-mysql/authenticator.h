#pragma once

#include <memory>
#include <string>

#include <patchbay/answers.hpp>
#include <patchbay/event.hpp>
#include <patchbay/workers.hpp>

#include "connection_pool.h"
#include "no_answer.h"
#include "query_runner.h"
#include "query_template.h"
#include "subject.h"

namespace patchbay::acl_mysql {

/// Is this the password that the database knows? The row comes on a thread of the pool; hashes that take milliseconds
/// are computed on a worker of the host, so that they keep no connection.
class Authenticator {
 public:
  /// `numbers` gives each statement its own. `settings` have been checked.
  Authenticator(host of, answers made, const AuthenticationSettings& settings, std::chrono::milliseconds query_timeout,
                std::uint32_t& numbers, ConnectionPool& pool, QueryRunner& runner, const PoolMetrics& metrics,
                const NoAnswer& no_answer);

  /// No password: no opinion. No row: no opinion, the next authenticator is asked. A wrong password denies. [shard]
  [[nodiscard]] verdict decide(const event<patchbay_authenticate_event>& asked);

 private:
  class Login;
  /// What the database knows of who logs in.
  struct Stored {
    std::string password_hash;
    std::string salt;
    bool superuser = false;
  };
  [[nodiscard]] static bool read(const Rows& rows, Stored& stored, std::string& error);
  [[nodiscard]] verdict check(const Stored& stored, std::string_view password, const std::string& identity) const;
  [[nodiscard]] bool slow() const;
  [[nodiscard]] std::uint64_t now_ms() const { return static_cast<std::uint64_t>(host_.now().count()); }

  host host_;
  answers answers_;
  workers workers_;
  QueryTemplate template_;
  Query query_;
  support::PasswordHash hash_;
  std::uint64_t query_timeout_ms_;
  ConnectionPool& pool_;
  QueryRunner& runner_;
  const PoolMetrics& metrics_;
  const NoAnswer& no_answer_;
};

}  // namespace patchbay::acl_mysql

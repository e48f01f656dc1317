#pragma once

#include <mysql.h>

#include <memory>
#include <string>
#include <vector>

#include "database.h"
#include "settings.h"

namespace patchbay::acl_mysql {

/// A connection by MariaDB's client library, with its prepared statements. One thread, but for abort().
class MariadbConnection final : public Connection {
 public:
  /// Null: `error` says why. Blocks for about connect_timeout at most.
  [[nodiscard]] static std::unique_ptr<MariadbConnection> open(const Settings& settings, const ServerAddress& address,
                                                               std::string& error);
  ~MariadbConnection() override;
  MariadbConnection(const MariadbConnection&) = delete;
  MariadbConnection& operator=(const MariadbConnection&) = delete;

  [[nodiscard]] Outcome run(const Query& query, const std::vector<Value>& parameters) override;
  [[nodiscard]] bool ping() override;
  void abort() noexcept override;

 private:
  struct Close {
    void operator()(MYSQL* connection) const { ::mysql_close(connection); }
    void operator()(MYSQL_STMT* statement) const { ::mysql_stmt_close(statement); }
  };
  using StatementHandle = std::unique_ptr<MYSQL_STMT, Close>;

  explicit MariadbConnection(std::unique_ptr<MYSQL, Close> connection);
  /// Tells the server to give up queries that nobody waits for.
  [[nodiscard]] bool limit_queries(std::chrono::milliseconds limit, std::string& error);
  /// Prepares where that has not been done, and executes. Null: `outcome` says why.
  [[nodiscard]] MYSQL_STMT* execute(const Query& query, const std::vector<Value>& parameters, Outcome& outcome);
  [[nodiscard]] static bool same_count(MYSQL_STMT& statement, const std::vector<Value>& parameters);
  [[nodiscard]] Outcome failure(MYSQL_STMT& statement);
  [[nodiscard]] Outcome spoilt(std::string error);

  std::unique_ptr<MYSQL, Close> connection_;
  std::vector<StatementHandle> statements_;  // by Query::number; null: not prepared
  int own_socket_ = -1;                      // a second descriptor of the connection: abort() needs one that stays ours
  bool spoilt_ = false;                      // rows that nobody wants are still on their way
};

}  // namespace patchbay::acl_mysql

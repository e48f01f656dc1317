#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "database.h"

namespace patchbay::acl_mysql {

/// The database of the test that runs: what make_connector() leads to. What it does is said before the plugin starts,
/// or by the functions here while it runs. [any-thread]
class ScriptedDatabase {
 public:
  /// A query as it arrived.
  struct Asked {
    std::string sql;
    std::vector<Value> parameters;
  };
  using Answer = std::function<Outcome(const Query&, const std::vector<Value>&)>;

  ScriptedDatabase();
  ~ScriptedDatabase();
  ScriptedDatabase(const ScriptedDatabase&) = delete;
  ScriptedDatabase& operator=(const ScriptedDatabase&) = delete;
  static ScriptedDatabase& current();

  void answer_with(Answer answer);
  void answer_rows(Rows rows);
  /// Connections are refused with this text; empty: they succeed. Those that are open stay.
  void refuse(std::string error);
  /// The next `count` queries find their connection lost.
  void lose(int count);
  /// Queries wait from now on, until they are released or their connection is aborted.
  void hold();
  void release();
  /// Waits until so many queries have arrived in all.
  void wait_for_queries(size_t count);
  [[nodiscard]] std::vector<Asked> asked() const;
  [[nodiscard]] size_t opened() const;
  [[nodiscard]] size_t attempts() const;

 private:
  friend class ScriptedConnection;
  friend class ScriptedConnector;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Answer answer_;
  std::string refusal_;
  int to_lose_ = 0;
  bool held_ = false;
  std::vector<Asked> asked_;
  size_t opened_ = 0;
  size_t attempts_ = 0;
};

/// Rows of the columns of the usual query about access.
Rows acl_rows(std::vector<std::vector<Value>> rows);
/// One row of the usual query about a user.
Rows user_row(Value password_hash, Value salt = "", Value is_superuser = "0");

}  // namespace patchbay::acl_mysql

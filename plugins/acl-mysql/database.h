#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::acl_mysql {

struct Settings;

/// A text; nothing: NULL.
using Value = std::optional<std::string>;

/// What a query gave, as texts.
struct Rows {
  std::vector<std::string> columns;  ///< in lower case
  std::vector<std::vector<Value>> rows;

  [[nodiscard]] std::optional<size_t> column(std::string_view name) const {
    for (size_t index = 0; index < columns.size(); ++index) {
      if (columns[index] == name) return index;
    }
    return std::nullopt;
  }
};

/// A prepared statement: each connection prepares it once, when it is first asked, and keeps it by this number.
struct Query {
  std::uint32_t number = 0;  ///< from 0, small
  std::string sql;
  std::uint32_t maximum_rows = 0;  ///< more are a failure
};

enum class Fault : std::uint8_t {
  none,
  lost,     ///< the connection is gone: another may know the answer
  refused,  ///< the server, or we, can't answer this query; another connection won't either
};

struct Outcome {
  Fault fault = Fault::none;
  std::string error;  ///< one line without secrets
  Rows rows;
};

/// One connection, used by one thread at a time; calls block, for a bounded time.
class Connection {
 public:
  virtual ~Connection() = default;
  [[nodiscard]] virtual Outcome run(const Query& query, const std::vector<Value>& parameters) = 0;
  /// Whether the server still answers.
  [[nodiscard]] virtual bool ping() = 0;
  /// Makes a call that blocks now come back soon, with Fault::lost. [any-thread]
  virtual void abort() noexcept = 0;
};

class Connector {
 public:
  virtual ~Connector() = default;
  /// Blocks for a bounded time. Null: `error` says why, without secrets. Several threads call at once.
  [[nodiscard]] virtual std::unique_ptr<Connection> open(std::string& error) = 0;
};

/// The way to the database that the settings name: mariadb_connection.cpp, or what a test puts in its place.
[[nodiscard]] std::shared_ptr<Connector> make_connector(const Settings& settings);

}  // namespace patchbay::acl_mysql

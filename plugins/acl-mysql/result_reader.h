#pragma once

#include <mysql.h>

#include <string>
#include <vector>

#include "database.h"

namespace patchbay::acl_mysql {

/// Reads the rows of an executed statement one by one, every value as a text. What a server can make us keep is
/// bounded: rows by the query, each value by kMaximumValue.
class ResultReader {
 public:
  static constexpr unsigned long kMaximumValue = 65'535;  // as long as a topic may be

  explicit ResultReader(MYSQL_STMT& statement) : statement_(statement) {}

  enum class End { complete, failed, too_much };
  /// `failed`: the statement says why. `too_much`: `error` says of what, and the connection is of no more use.
  [[nodiscard]] End read(std::uint32_t maximum_rows, Rows& rows, std::string& error);

 private:
  struct Column {
    std::vector<char> buffer;
    unsigned long length = 0;
    my_bool null = 0;
  };
  [[nodiscard]] bool read_names(Rows& rows);
  [[nodiscard]] bool bind();
  [[nodiscard]] End take_row(Rows& rows, std::string& error);
  [[nodiscard]] bool read_whole(size_t index, std::string& value);

  MYSQL_STMT& statement_;
  std::vector<Column> columns_;
  std::vector<MYSQL_BIND> binds_;
};

}  // namespace patchbay::acl_mysql

#pragma once

#include <string_view>

#include "database.h"

namespace patchbay::acl_mysql {

/// Whether the first row says 1, true, yes, t or y in this column, in any case. No row, no column, NULL: false.
[[nodiscard]] inline bool is_true(const Rows& rows, std::string_view column) {
  const auto index = rows.column(column);
  if (!index || rows.rows.empty() || !rows.rows.front()[*index]) return false;
  std::string text = *rows.rows.front()[*index];
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  return text == "1" || text == "true" || text == "yes" || text == "t" || text == "y" || text == "\x01";
}

}  // namespace patchbay::acl_mysql

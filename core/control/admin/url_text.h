#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace patchbay::admin {

/// RFC 3986 2.1. Nothing where an escape is broken, or the result is not UTF-8 or contains NUL; `plus_is_blank` as
/// forms write queries. [any-thread]
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text, bool plus_is_blank = false);

/// Everything but letters, digits and "-._~" escaped. [any-thread]
[[nodiscard]] std::string percent_encode(std::string_view text);

using QueryPairs = std::vector<std::pair<std::string, std::string>>;

/// "a=1&b=x%20y", in the order sent; a name without "=" has an empty value. Nothing where a part cannot be decoded.
/// [any-thread]
[[nodiscard]] std::optional<QueryPairs> parse_query(std::string_view text);

/// The parts of a path between its slashes, not decoded; "/" has none. [any-thread]
[[nodiscard]] std::vector<std::string_view> path_parts(std::string_view path);

}  // namespace patchbay::admin

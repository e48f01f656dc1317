#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace patchbay::admin {

/// Milliseconds since 1970 of an RFC 3339 time ("2026-11-26T14:58:03.5+01:00", where a blank stands for a '+' that a
/// query has decoded) or of a whole number of milliseconds; nothing for anything else. [any-thread]
[[nodiscard]] std::optional<uint64_t> parse_time(std::string_view text);

}  // namespace patchbay::admin

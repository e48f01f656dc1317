#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "admin/json.h"

/// Times and durations in bodies, as EMQX's API writes and takes them. [any-thread]
namespace patchbay::admin {

/// "2026-11-26T14:58:03.000Z".
[[nodiscard]] std::string time_text_s(uint64_t unix_s);
/// Of RFC 3339, or a number of seconds since 1970.
[[nodiscard]] std::optional<uint64_t> unix_s_from(const Json& value);

/// Of "500ms", "5s", "1m", "2h", "1d", or a plain number of the given unit, in milliseconds.
[[nodiscard]] std::optional<uint64_t> duration_ms_from(const Json& value, uint64_t unit_ms);
/// "500ms", "300s".
[[nodiscard]] std::string duration_text(uint64_t count, std::string_view unit);

}  // namespace patchbay::admin

#pragma once

#include <cstdint>
#include <string>

namespace patchbay::base {

/// "2026-11-26T14:58:03.123Z" (RFC 3339, UTC) for milliseconds since 1970-01-01. [any-thread]
[[nodiscard]] std::string utc_time_text(uint64_t unix_ms);

}  // namespace patchbay::base

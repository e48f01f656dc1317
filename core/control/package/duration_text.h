#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace patchbay::package {

/// Milliseconds of "250ms", "3s", "1.5s", "5m", "12h", "7d"; nothing for anything else, for less than a millisecond
/// that isn't zero ("0s" is zero), and for more than 100 years. [any-thread]
[[nodiscard]] std::optional<uint64_t> parse_duration_ms(std::string_view text);

}  // namespace patchbay::package

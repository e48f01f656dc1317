#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "config/raw_value.h"

namespace patchbay::config {

struct TomlError {
  std::string description;
  uint32_t line = 0;
};

/// Parses a whole file; the value is its root table. Stops at the first error of syntax.
[[nodiscard]] base::Result<RawValue, TomlError> parse_toml(std::string_view text);

/// Parses what stands behind `key =`; nothing when that is not a TOML value.
[[nodiscard]] std::optional<RawValue> parse_toml_value(std::string_view text);

}  // namespace patchbay::config

#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>

namespace patchbay::package {

/// Exact for every 64-bit integer where long double has 64 bits of mantissa (x86); elsewhere as exact as doubles are.
/// [any-thread]
[[nodiscard]] inline long double number_of(const nlohmann::json& value) {
  if (value.is_number_unsigned()) return static_cast<long double>(value.get<uint64_t>());
  if (value.is_number_integer()) return static_cast<long double>(value.get<int64_t>());
  return static_cast<long double>(value.get<double>());
}

}  // namespace patchbay::package

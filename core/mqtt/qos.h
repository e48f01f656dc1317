#pragma once

#include <cstdint>

namespace patchbay::mqtt {

enum class Qos : uint8_t { at_most_once = 0, at_least_once = 1, exactly_once = 2 };

constexpr Qos lower_qos(Qos left, Qos right) {
  return left < right ? left : right;
}

}  // namespace patchbay::mqtt

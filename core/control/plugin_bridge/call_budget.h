#pragma once

#include <cstdint>

#include "hooks/hook_points.h"

namespace patchbay::plugin_bridge {

/// How long one call into a plugin may take. Beyond `soft` it is counted and shown, beyond `hard` the breaker opens.
struct CallBudget {
  uint64_t soft_ns;
  uint64_t hard_ns;
};

[[nodiscard]] constexpr CallBudget call_budget(hooks::Heat heat) {
  switch (heat) {
    case hooks::Heat::hot:
      return {2'000, 1'000'000};
    case hooks::Heat::warm:
      return {1'000'000, 20'000'000};
    case hooks::Heat::cold:
      break;
  }
  return {1'000'000'000, 10'000'000'000};
}

}  // namespace patchbay::plugin_bridge

#pragma once

#include "base/verdict.h"
#include "patchbay/types.h"

namespace patchbay::plugin_bridge {

class Instance;

/// Beside base::Verdict::failed, and only within the bridge: the plugin itself is at fault, not what it depends on.
constexpr uint16_t kAtFault = PATCHBAY_VERDICT_THREW;

[[nodiscard]] inline bool is_at_fault(const base::Verdict& verdict) {
  return verdict.has(kAtFault);
}
[[nodiscard]] inline base::Verdict fails_at_fault() {
  base::Verdict verdict = base::Verdict::fails();
  verdict.flags |= kAtFault;
  return verdict;
}

/// A plugin's answer in the core's form, with its argument taken over from what `instance` holds. Kinds that no version
/// of the ABI has, and a missing handle where one is promised, become a failed answer by its own fault. [any-thread]
[[nodiscard]] base::Verdict take_verdict(Instance& instance, const patchbay_verdict& answer);

}  // namespace patchbay::plugin_bridge

#pragma once

#include "base/verdict.h"
#include "patchbay/types.h"

namespace patchbay::plugin_bridge {

class Instance;

/// Whose doing a failed answer is: the plugin's own, and of which kind, or that of what it depends on.
enum class Fault : uint8_t { none, bad_answer, threw };

// Beside base::Verdict::failed, and only within the bridge.
constexpr uint16_t kThrew = PATCHBAY_VERDICT_THREW;
constexpr uint16_t kBadAnswer = 64;

[[nodiscard]] inline Fault fault_of(const base::Verdict& verdict) {
  if (verdict.has(kThrew)) return Fault::threw;
  return verdict.has(kBadAnswer) ? Fault::bad_answer : Fault::none;
}

/// A plugin's answer in the core's form, with its argument taken over from what `instance` holds. Kinds that no version
/// of the ABI has, and a missing handle where one is promised, become a failed answer by its own fault, see
/// fault_of(). [any-thread]
[[nodiscard]] base::Verdict take_verdict(Instance& instance, const patchbay_verdict& answer);

}  // namespace patchbay::plugin_bridge

#pragma once

#include "base/verdict.h"
#include "patchbay/types.h"

namespace patchbay::plugin_bridge {

class Instance;

/// A plugin's answer in the core's form, with its argument taken over from what `instance` holds. Kinds that no version
/// of the ABI has, and a missing handle where one is promised, become a failed answer. [any-thread]
[[nodiscard]] base::Verdict take_verdict(Instance& instance, const patchbay_verdict& answer);

}  // namespace patchbay::plugin_bridge

#pragma once

#include "patchbay/answers.h"

namespace patchbay::plugin_bridge {

/// The interface PATCHBAY_ANSWERS_1: handles are arguments of the core's verdicts, counted with the instance until they
/// are sent or discarded. The same table for all instances.
[[nodiscard]] const patchbay_answers& answers_table();

}  // namespace patchbay::plugin_bridge

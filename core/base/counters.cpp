#include "base/counters.h"

namespace patchbay::base {

const CounterInfo& counter_info(Counter counter) {
  static constexpr CounterInfo kTable[] = {
#define PATCHBAY_COUNTER(identifier, name, help) {name, help},
#include "base/counters.def"
#undef PATCHBAY_COUNTER
  };
  return kTable[static_cast<size_t>(counter)];
}

}  // namespace patchbay::base

#include "plugin_bridge/epoch_barrier.h"

#include <chrono>
#include <thread>

namespace patchbay::plugin_bridge {

bool wait_until_shards_passed(base::EpochDomain& epoch, uint64_t limit_ms) {
  constexpr uint64_t kPausesPerMs = 5;
  const uint64_t wanted = epoch.advance();
  for (uint64_t pauses = 0; !epoch.passed(wanted); ++pauses) {
    if (pauses >= limit_ms * kPausesPerMs) return false;
    std::this_thread::sleep_for(std::chrono::microseconds(1000 / kPausesPerMs));
  }
  static_cast<void>(epoch.reclaim());
  return true;
}

}  // namespace patchbay::plugin_bridge

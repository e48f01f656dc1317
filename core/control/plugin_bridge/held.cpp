#include "plugin_bridge/held.h"

#include <algorithm>

namespace patchbay::plugin_bridge {

std::string_view held_name(Held what) {
  static constexpr std::string_view kNames[] = {"hook entries",
                                                "deferred questions",
                                                "service leases",
                                                "timers",
                                                "watched descriptors",
                                                "outgoing connections",
                                                "listeners",
                                                "connections",
                                                "worker jobs",
                                                "threads",
                                                "message references",
                                                "adopted payloads",
                                                "answers",
                                                "client slots",
                                                "subscriptions",
                                                "REST routes",
                                                "metrics"};
  static_assert(std::size(kNames) == kHeldKinds);
  return kNames[static_cast<size_t>(what)];
}

HeldCounters::HeldCounters(uint32_t shards) : shards_(shards), cells_(std::make_unique<Cells[]>(shards + 1)) {}

uint64_t HeldCounters::value(Held what) const {
  int64_t sum = 0;
  for (uint32_t i = 0; i <= shards_; ++i) {
    sum += cells_[i].amounts[static_cast<size_t>(what)].load(std::memory_order_acquire);
  }
  // Taken and given back on two threads: the sum may be behind for a moment.
  return static_cast<uint64_t>(std::max<int64_t>(sum, 0));
}

bool HeldCounters::all_zero() const {
  for (size_t kind = 0; kind < kHeldKinds; ++kind) {
    if (value(static_cast<Held>(kind)) != 0) return false;
  }
  return true;
}

}  // namespace patchbay::plugin_bridge

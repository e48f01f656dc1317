#include "base/epoch.h"

#include <algorithm>
#include <vector>

namespace patchbay::base {

EpochDomain::~EpochDomain() {
  for (const Retired& entry : retired_) entry.destroy(entry.object);
}

bool EpochDomain::passed(uint64_t epoch) const {
  return std::all_of(slots_.begin(), slots_.end(), [epoch](const Slot& slot) {
    const uint64_t seen = slot.epoch.load(std::memory_order_seq_cst);
    return seen == kOutside || seen >= epoch;
  });
}

void EpochDomain::retire(void* object, void (*destroy)(void*)) {
  bool due = false;
  {
    const std::lock_guard lock(mutex_);
    retired_.push_back({advance(), object, destroy});
    due = retired_.size() % kReclaimEvery == 0;
  }
  if (due) reclaim();
}

size_t EpochDomain::reclaim() {
  std::vector<Retired> free_now;
  size_t waiting = 0;
  {
    const std::lock_guard lock(mutex_);
    if (retired_.empty()) return 0;
    uint64_t oldest = kOutside;
    for (const Slot& slot : slots_) oldest = std::min(oldest, slot.epoch.load(std::memory_order_seq_cst));
    while (!retired_.empty() && retired_.front().epoch <= oldest) {
      free_now.push_back(retired_.front());
      retired_.pop_front();
    }
    waiting = retired_.size();
  }
  for (const Retired& entry : free_now) entry.destroy(entry.object);
  return waiting;
}

}  // namespace patchbay::base

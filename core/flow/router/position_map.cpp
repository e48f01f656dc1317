#include "router/position_map.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "base/assert.h"

namespace patchbay::router {

void PositionMap::assign(const SubscriptionEntry* entries, uint32_t size) {
  slots_.assign(std::bit_ceil(std::max<size_t>(size_t{size} * 2, 16)), kNone);
  used_ = 0;
  for (uint32_t position = 0; position < size; ++position) {
    if (entries[position].is_free()) continue;
    place(entries, position);
    ++used_;
  }
}

void PositionMap::place(const SubscriptionEntry* entries, uint32_t position) {
  size_t slot = home_of(entries[position].handle());
  while (slots_[slot] != kNone) slot = (slot + 1) & (slots_.size() - 1);
  slots_[slot] = position;
}

uint32_t PositionMap::find(const SubscriptionEntry* entries, distribution::SubscriberHandle subscriber) const {
  for (size_t slot = home_of(subscriber); slots_[slot] != kNone; slot = (slot + 1) & (slots_.size() - 1)) {
    if (entries[slots_[slot]].handle() == subscriber) return slots_[slot];
  }
  return kNone;
}

void PositionMap::insert(const SubscriptionEntry* entries, uint32_t position) {
  if ((used_ + 1) * 2 > slots_.size()) {
    std::vector<uint32_t> before = std::exchange(slots_, std::vector<uint32_t>(slots_.size() * 2, kNone));
    for (const uint32_t other : before) {
      if (other != kNone) place(entries, other);
    }
  }
  place(entries, position);
  ++used_;
}

void PositionMap::erase(const SubscriptionEntry* entries, uint32_t position) {
  const size_t mask = slots_.size() - 1;
  size_t gap = home_of(entries[position].handle());
  while (slots_[gap] != position) {
    PATCHBAY_ASSERT(slots_[gap] != kNone);
    gap = (gap + 1) & mask;
  }
  // Whoever stands behind the gap moves up if its own probing would pass over the gap.
  for (size_t slot = (gap + 1) & mask; slots_[slot] != kNone; slot = (slot + 1) & mask) {
    const size_t home = home_of(entries[slots_[slot]].handle());
    if (((slot - home) & mask) >= ((slot - gap) & mask)) {
      slots_[gap] = slots_[slot];
      gap = slot;
    }
  }
  slots_[gap] = kNone;
  --used_;
}

}  // namespace patchbay::router

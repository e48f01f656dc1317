#include "plugin_bridge/call_place.h"

namespace patchbay::plugin_bridge {

namespace {

thread_local CallPlace* own_place = nullptr;

}  // namespace

CallPlaces::CallPlaces(uint32_t shards)
    : shards_(shards), places_(std::make_unique<CallPlace[]>(size_t{shards} + 1 + kMaximumWorkers)) {}

uint64_t CallPlaces::turn_of(size_t index, const CallSite* site) const {
  const uint64_t turn = places_[index].turn.load(std::memory_order_relaxed);
  if (site == nullptr || site->cells == nullptr || index >= shards_) return turn;
  return turn + site->cells[index].calls.load(std::memory_order_relaxed);
}

std::string CallPlaces::name_of(size_t index) const {
  if (index < shards_) return "shard " + std::to_string(index);
  if (index == shards_) return "control";
  return "worker " + std::to_string(index - shards_ - 1);
}

CallPlace* CallPlaces::current() {
  const base::ShardId shard = base::current_shard();
  return shard < shards_ ? &places_[shard] : own_place;
}

PlaceScope::PlaceScope(CallPlace& place) : before_(own_place) {
  own_place = &place;
}

PlaceScope::~PlaceScope() {
  own_place = before_;
}

}  // namespace patchbay::plugin_bridge

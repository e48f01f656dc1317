#include "distribution/presence.h"

#include "base/assert.h"

namespace patchbay::distribution {

namespace {

constexpr uint8_t kOffline = 1;
constexpr uint8_t kOnline = 2;

uint8_t state_byte(SubscriberHandle handle, uint8_t state) {
  return static_cast<uint8_t>((handle.generation() & 0x3F) << 2 | state);
}

}  // namespace

Presence::Presence(base::ShardId shard_count) : names_(shard_count) {
  for (base::ShardId shard = 0; shard < shard_count; ++shard) shards_.push_back(std::make_unique<Directory>());
}

Presence::~Presence() {
  for (const std::unique_ptr<Directory>& directory : shards_) {
    for (const auto& chunk : directory->chunks) delete[] chunk.load(std::memory_order_relaxed);
  }
}

std::atomic<uint8_t>& Presence::slot_of(SubscriberHandle handle) {
  PATCHBAY_ASSERT(handle.shard() < shards_.size() && handle.slot() / kSlotsPerChunk < kChunksPerShard);
  auto& chunk = shards_[handle.shard()]->chunks[handle.slot() / kSlotsPerChunk];
  std::atomic<uint8_t>* slots = chunk.load(std::memory_order_relaxed);
  if (slots == nullptr) {
    slots = new std::atomic<uint8_t>[kSlotsPerChunk]();
    chunk.store(slots, std::memory_order_release);
  }
  return slots[handle.slot() % kSlotsPerChunk];
}

void Presence::set(SubscriberHandle handle, bool online) {
  slot_of(handle).store(state_byte(handle, online ? kOnline : kOffline), std::memory_order_relaxed);
}

void Presence::clear(SubscriberHandle handle) {
  slot_of(handle).store(0, std::memory_order_relaxed);
}

bool Presence::is_online(SubscriberHandle handle) const {
  if (handle.shard() >= shards_.size()) return false;
  if (handle.slot() / kSlotsPerChunk >= kChunksPerShard) return handle.is_internal();
  const std::atomic<uint8_t>* const slots =
      shards_[handle.shard()]->chunks[handle.slot() / kSlotsPerChunk].load(std::memory_order_acquire);
  if (slots == nullptr) return false;
  return slots[handle.slot() % kSlotsPerChunk].load(std::memory_order_relaxed) == state_byte(handle, kOnline);
}

}  // namespace patchbay::distribution

#include "distribution/subscriber_names.h"

#include <string>

#include "base/assert.h"

namespace patchbay::distribution {

struct SubscriberNames::Name {
  SubscriberHandle handle;  // a new tenant of the slot must not be called by the old one's name
  std::string client_id;
};

SubscriberNames::~SubscriberNames() {
  for (std::atomic<Directory*>& shard : shards_) {
    const std::unique_ptr<Directory> directory(shard.load(std::memory_order_relaxed));
    for (uint32_t i = 0; directory != nullptr && i < kChunks; ++i) {
      const std::unique_ptr<Slot[]> slots(directory->chunks[i].load(std::memory_order_relaxed));
      for (uint32_t slot = 0; slots != nullptr && slot < kSlotsPerChunk; ++slot) {
        delete slots[slot].load(std::memory_order_relaxed);
      }
    }
  }
}

SubscriberNames::Slot* SubscriberNames::slot_of(SubscriberHandle handle) const {
  if (handle.shard() >= shards_.size() || handle.slot() / kSlotsPerChunk >= kChunks) return nullptr;
  const Directory* const directory = shards_[handle.shard()].load(std::memory_order_acquire);
  if (directory == nullptr) return nullptr;
  Slot* const slots = directory->chunks[handle.slot() / kSlotsPerChunk].load(std::memory_order_acquire);
  return slots == nullptr ? nullptr : &slots[handle.slot() % kSlotsPerChunk];
}

SubscriberNames::Slot& SubscriberNames::slot_to_change(SubscriberHandle handle) {
  PATCHBAY_ASSERT(handle.shard() < shards_.size() && handle.slot() / kSlotsPerChunk < kChunks);
  std::atomic<Directory*>& shard = shards_[handle.shard()];
  if (shard.load(std::memory_order_relaxed) == nullptr) shard.store(new Directory, std::memory_order_release);
  auto& chunk = shard.load(std::memory_order_relaxed)->chunks[handle.slot() / kSlotsPerChunk];
  if (chunk.load(std::memory_order_relaxed) == nullptr)
    chunk.store(new Slot[kSlotsPerChunk](), std::memory_order_release);
  return chunk.load(std::memory_order_relaxed)[handle.slot() % kSlotsPerChunk];
}

void SubscriberNames::set(SubscriberHandle handle, std::string_view client_id, base::EpochDomain& epoch) {
  Slot& slot = slot_to_change(handle);
  const Name* const known = slot.load(std::memory_order_relaxed);
  if (known != nullptr && known->handle == handle) return;  // a session keeps its client id
  slot.store(new Name{handle, std::string(client_id)}, std::memory_order_release);
  if (known != nullptr) epoch.retire(known);
}

void SubscriberNames::clear(SubscriberHandle handle, base::EpochDomain& epoch) {
  Slot* const slot = slot_of(handle);
  if (slot == nullptr) return;
  const Name* const known = slot->exchange(nullptr, std::memory_order_acq_rel);
  if (known != nullptr) epoch.retire(known);
}

std::string_view SubscriberNames::find(SubscriberHandle handle) const {
  const Slot* const slot = slot_of(handle);
  const Name* const known = slot == nullptr ? nullptr : slot->load(std::memory_order_acquire);
  return known != nullptr && known->handle == handle ? std::string_view(known->client_id) : std::string_view();
}

}  // namespace patchbay::distribution

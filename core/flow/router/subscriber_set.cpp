#include "router/subscriber_set.h"

#include <algorithm>
#include <new>

#include "base/assert.h"

namespace patchbay::router {

EntryBlock* EntryBlock::create(uint32_t capacity) {
  void* const memory = ::operator new (sizeof(EntryBlock) + size_t{capacity} * sizeof(SubscriptionEntry));
  auto* const block = new (memory) EntryBlock;
  block->capacity = capacity;
  for (uint32_t i = 0; i < capacity; ++i) new (block->entries() + i) SubscriptionEntry;
  return block;
}

void EntryBlock::destroy(void* block) {
  ::operator delete(block);  // entries and header have nothing to destroy
}

SubscriberSet::~SubscriberSet() {
  EntryBlock::destroy(block_.load(std::memory_order_relaxed));
}

uint32_t SubscriberSet::position_of(distribution::SubscriberHandle subscriber) const {
  const EntryBlock* const block = block_.load(std::memory_order_relaxed);
  if (block == nullptr) return PositionMap::kNone;
  if (index_ != nullptr) return index_->positions.find(block->entries(), subscriber);
  const uint32_t size = block->size.load(std::memory_order_relaxed);
  for (uint32_t i = 0; i < size; ++i) {
    if (block->entries()[i].handle() == subscriber) return i;
  }
  return PositionMap::kNone;
}

uint32_t SubscriberSet::free_position() {
  const EntryBlock& block = *block_.load(std::memory_order_relaxed);
  const uint32_t size = block.size.load(std::memory_order_relaxed);
  if (used_ == size) return size;
  if (index_ != nullptr) {
    const uint32_t position = index_->free_positions.back();
    index_->free_positions.pop_back();
    return position;
  }
  uint32_t position = 0;
  while (!block.entries()[position].is_free()) ++position;
  return position;
}

void SubscriberSet::reserve_one(base::EpochDomain& epoch) {
  const EntryBlock* const block = block_.load(std::memory_order_relaxed);
  if (block == nullptr) {
    block_.store(EntryBlock::create(kFirstCapacity), std::memory_order_release);
  } else if (used_ == block->capacity) {
    rebuild(block->capacity * 2, epoch);
  }
}

void SubscriberSet::start_with(const distribution::Delivery& first) {
  PATCHBAY_ASSERT(block_.load(std::memory_order_relaxed) == nullptr);
  EntryBlock* const block = EntryBlock::create(kFirstCapacity);
  block->entries()[0].write(first.subscriber, first.options, first.subscription_identifier);
  block->size.store(1, std::memory_order_relaxed);
  used_ = 1;
  block_.store(block, std::memory_order_release);
}

bool SubscriberSet::add(distribution::SubscriberHandle subscriber, distribution::SubscriptionOptions options,
                        uint32_t identifier, base::EpochDomain& epoch) {
  uint32_t position = position_of(subscriber);
  if (position != PositionMap::kNone) {
    block_.load(std::memory_order_relaxed)->entries()[position].write(subscriber, options, identifier);
    return false;
  }
  reserve_one(epoch);
  EntryBlock& block = *block_.load(std::memory_order_relaxed);
  position = free_position();
  block.entries()[position].write(subscriber, options, identifier);
  if (position == block.size.load(std::memory_order_relaxed)) {
    block.size.store(position + 1, std::memory_order_release);
  }
  ++used_;
  if (index_ != nullptr) index_->positions.insert(block.entries(), position);
  return true;
}

bool SubscriberSet::remove(distribution::SubscriberHandle subscriber, base::EpochDomain& epoch) {
  const uint32_t position = position_of(subscriber);
  if (position == PositionMap::kNone) return false;
  EntryBlock& block = *block_.load(std::memory_order_relaxed);
  if (index_ != nullptr) {
    index_->positions.erase(block.entries(), position);
    index_->free_positions.push_back(position);
  }
  block.entries()[position].clear();
  --used_;
  if (block.capacity > kFirstCapacity && used_ * 4 <= block.capacity) {
    rebuild(std::max(kFirstCapacity, block.capacity / 2), epoch);
  }
  return true;
}

// Copies what is used, without gaps, into a new block. Readers see the old block or the new one, each with every
// member.
void SubscriberSet::rebuild(uint32_t capacity, base::EpochDomain& epoch) {
  EntryBlock* const before = block_.load(std::memory_order_relaxed);
  EntryBlock* const block = EntryBlock::create(capacity);
  const uint32_t size = before->size.load(std::memory_order_relaxed);
  uint32_t position = 0;
  for (uint32_t i = 0; i < size; ++i) {
    if (!before->entries()[i].is_free()) block->entries()[position++].copy_from(before->entries()[i]);
  }
  PATCHBAY_ASSERT(position == used_);
  block->size.store(position, std::memory_order_relaxed);
  const bool moved = used_ != size;  // otherwise every member keeps its position and the index stays right
  block_.store(block, std::memory_order_release);
  epoch.retire(before, &EntryBlock::destroy);
  if (capacity < kIndexFrom) {
    index_.reset();
  } else if (index_ == nullptr || moved) {
    if (index_ == nullptr) index_ = std::make_unique<Index>();
    index_->free_positions.clear();
    index_->positions.assign(block->entries(), position);
  }
}

}  // namespace patchbay::router

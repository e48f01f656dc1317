#include "router/lookup_table.h"

#include <cstdlib>
#include <new>

#include "base/assert.h"

namespace patchbay::router {

LookupTable::LookupTable() {
  end_.order = kEndOrder;
  add_segment(0, kFirstBuckets);
  mark_of(0).next.store(&end_, std::memory_order_release);
  while (split_count_ < kFirstBuckets) split_next();
}

LookupTable::~LookupTable() {
  for (std::atomic<TableNode*>& segment : segments_) std::free(segment.load());
}

// Zeroed pages straight from the system: a million marks cost nothing until they are used. All-zero is what a
// TableNode's constructor makes.
void LookupTable::add_segment(unsigned segment, uint32_t buckets) {
  void* const memory = std::calloc(buckets, sizeof(TableNode));
  if (memory == nullptr) throw std::bad_alloc();
  segments_[segment].store(static_cast<TableNode*>(memory), std::memory_order_release);
}

TableNode& LookupTable::last_below(uint32_t bucket, uint32_t order) const {
  TableNode* before = &mark_of(bucket);
  for (;;) {
    TableNode* const next = before->next.load(std::memory_order_relaxed);
    if (next->order >= order) return *before;
    before = next;
  }
}

uint32_t LookupTable::split_bucket_of(uint32_t hash) const {
  const uint32_t bucket = hash & (bucket_count_.load(std::memory_order_relaxed) - 1);
  return bucket < split_count_ ? bucket : parent_of(bucket);
}

void LookupTable::split_next() {
  const uint32_t bucket = split_count_++;
  TableNode& mark = mark_of(bucket);
  mark.order = reverse_bits(bucket);
  TableNode& before = last_below(parent_of(bucket), mark.order);
  mark.next.store(before.next.load(std::memory_order_relaxed), std::memory_order_release);
  before.next.store(&mark, std::memory_order_release);
}

void LookupTable::grow() {
  const uint32_t buckets = bucket_count_.load(std::memory_order_relaxed);
  for (int i = 0; i < 2 && split_count_ < buckets; ++i) split_next();
  if (size_ < buckets || split_count_ < buckets || buckets == kMaximumBuckets) return;
  add_segment(static_cast<unsigned>(std::bit_width(buckets)) - kFirstBits, buckets);
  bucket_count_.store(buckets * 2, std::memory_order_release);
}

void LookupTable::insert(TableNode& node, uint64_t hash) {
  grow();
  node.order = order_of(hash);
  TableNode& before = last_below(split_bucket_of(static_cast<uint32_t>(hash)), node.order);
  node.next.store(before.next.load(std::memory_order_relaxed), std::memory_order_relaxed);
  before.next.store(&node, std::memory_order_release);
  ++size_;
}

void LookupTable::erase(TableNode& node) {
  // The bits of the order, turned back, are those of the hash that buckets are chosen by.
  TableNode* before = &last_below(split_bucket_of(reverse_bits(node.order & ~1U)), node.order);
  for (;;) {
    TableNode* const next = before->next.load(std::memory_order_relaxed);
    if (next == &node) break;
    PATCHBAY_ASSERT(next->order == node.order);
    before = next;
  }
  // The node keeps its own link, so that a reader standing on it finds its way on.
  before->next.store(node.next.load(std::memory_order_relaxed), std::memory_order_release);
  --size_;
}

}  // namespace patchbay::router

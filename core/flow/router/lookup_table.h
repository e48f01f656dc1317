#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace patchbay::router {

/// The part of an element that LookupTable needs. `order` is constant once the element is in a table.
struct TableNode {
  std::atomic<TableNode*> next{nullptr};
  uint32_t order = 0;
};

/// A hash table that is read without locks while one writer at a time changes it, and that grows without ever moving an
/// element or stopping for a rehash.
///
/// All elements form one list, sorted by their hash with its bits reversed; a bucket is a mark in that list. Doubling
/// the number of buckets leaves the list alone: each new bucket only splits its parent's stretch by a mark of its own,
/// two with every insertion, and until then readers begin at the parent.
///
/// The table does not own its elements. What erase() unlinks may still be seen by readers: retire it.
class LookupTable {
 public:
  LookupTable();
  ~LookupTable();
  LookupTable(const LookupTable&) = delete;
  LookupTable& operator=(const LookupTable&) = delete;

  /// The element with this hash for which `is_wanted(const TableNode&)` holds, or null. [any-thread, in an epoch
  /// section]
  template <class IsWanted>
  [[nodiscard]] TableNode* find(uint64_t hash, IsWanted&& is_wanted) const {
    const uint32_t order = order_of(hash);
    TableNode* node = stretch_of(static_cast<uint32_t>(hash));
    while (node->order < order) node = node->next.load(std::memory_order_acquire);
    while (node->order == order) {
      if (is_wanted(static_cast<const TableNode&>(*node))) return node;
      node = node->next.load(std::memory_order_acquire);
    }
    return nullptr;
  }

  // One writer at a time:
  void insert(TableNode& node, uint64_t hash);
  void erase(TableNode& node);
  [[nodiscard]] size_t size() const { return size_; }
  /// Hands every element to `dispose(TableNode&)`, which may destroy it; the table may only be destroyed afterwards.
  template <class Dispose>
  void dispose_all(Dispose&& dispose) {
    TableNode* node = mark_of(0).next.load(std::memory_order_relaxed);
    while (node != &end_) {
      TableNode* const next = node->next.load(std::memory_order_relaxed);
      if ((node->order & 1) != 0) dispose(*node);
      node = next;
    }
    size_ = 0;
  }
  /// Bytes of the buckets.
  [[nodiscard]] size_t bucket_bytes() const { return size_t{bucket_count_.load()} * sizeof(TableNode); }

 private:
  static constexpr uint32_t kFirstBits = 6;
  static constexpr uint32_t kFirstBuckets = 1U << kFirstBits;
  static constexpr uint32_t kMaximumBuckets = 1U << 28;
  static constexpr uint32_t kEndOrder = UINT32_MAX;
  static constexpr unsigned kSegments = 32;

  static uint32_t reverse_bits(uint32_t value);
  /// Odd for elements, even for marks, so that a mark stands before all elements of its bucket.
  static uint32_t order_of(uint64_t hash) {
    const uint32_t order = reverse_bits(static_cast<uint32_t>(hash)) | 1;
    return order == kEndOrder ? kEndOrder - 2 : order;
  }
  [[nodiscard]] TableNode& mark_of(uint32_t bucket) const {
    const unsigned width = static_cast<unsigned>(std::bit_width(bucket | (kFirstBuckets - 1)));
    const uint32_t first = width == kFirstBits ? 0 : 1U << (width - 1);
    return segments_[width - kFirstBits].load(std::memory_order_relaxed)[bucket - first];
  }
  static uint32_t parent_of(uint32_t bucket) { return bucket & ~std::bit_floor(bucket); }
  /// The first node behind the mark of the bucket that `hash` belongs to.
  [[nodiscard]] TableNode* stretch_of(uint32_t hash) const {
    const uint32_t bucket = hash & (bucket_count_.load(std::memory_order_acquire) - 1);
    TableNode* node = mark_of(bucket).next.load(std::memory_order_acquire);
    if (node == nullptr) node = mark_of(parent_of(bucket)).next.load(std::memory_order_acquire);
    return node;
  }
  /// The last node below `order`, from the mark of `bucket` on.
  [[nodiscard]] TableNode& last_below(uint32_t bucket, uint32_t order) const;
  [[nodiscard]] uint32_t split_bucket_of(uint32_t hash) const;
  void add_segment(unsigned segment, uint32_t buckets);
  void grow();
  void split_next();

  std::array<std::atomic<TableNode*>, kSegments> segments_{};  // the k-th doubles the number of buckets
  std::atomic<uint32_t> bucket_count_{kFirstBuckets};
  uint32_t split_count_ = 1;  // the buckets below have their mark in the list
  size_t size_ = 0;
  TableNode end_;  // behind the last element, so that no walk needs to ask for the end
};

inline uint32_t LookupTable::reverse_bits(uint32_t value) {
  value = (value >> 1 & 0x55555555U) | (value & 0x55555555U) << 1;
  value = (value >> 2 & 0x33333333U) | (value & 0x33333333U) << 2;
  value = (value >> 4 & 0x0F0F0F0FU) | (value & 0x0F0F0F0FU) << 4;
  return __builtin_bswap32(value);
}

}  // namespace patchbay::router

#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "router/subscription_entry.h"

namespace patchbay::router {

/// Where in an array of entries a subscriber stands. Holds positions only, four bytes each; the subscriber is read from
/// the array. [writer]
class PositionMap {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;

  /// Starts anew with all used entries of the array.
  void assign(const SubscriptionEntry* entries, uint32_t size);
  [[nodiscard]] uint32_t find(const SubscriptionEntry* entries, distribution::SubscriberHandle subscriber) const;
  /// `entries[position]` already holds its subscriber, which is not in the map yet.
  void insert(const SubscriptionEntry* entries, uint32_t position);
  /// `entries[position]` still holds its subscriber.
  void erase(const SubscriptionEntry* entries, uint32_t position);

 private:
  [[nodiscard]] size_t home_of(distribution::SubscriberHandle subscriber) const {
    return (subscriber.value() * 0x9E3779B97F4A7C15U >> 32) & (slots_.size() - 1);
  }
  void place(const SubscriptionEntry* entries, uint32_t position);

  std::vector<uint32_t> slots_;  // kNone: free; a power of two, at most half full
  size_t used_ = 0;
};

}  // namespace patchbay::router

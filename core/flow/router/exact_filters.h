#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/epoch.h"
#include "router/filter_slot.h"
#include "router/lookup_table.h"

namespace patchbay::router {

/// The filters without wildcards: one look-up in a hash table, however many there are.
class ExactFilters {
 public:
  ExactFilters(base::EpochDomain& epoch, uint64_t seed) : epoch_(epoch), seed_(seed) {}
  ~ExactFilters();

  /// [any-thread, in an epoch section]
  void collect(std::string_view topic_name, Matches& matches) const;
  /// Null where nobody subscribed to the filter. [any-thread, in an epoch section]
  [[nodiscard]] FilterSlot* find(std::string_view filter) const;

  // One writer at a time:
  [[nodiscard]] FilterSlot& find_or_add(std::string_view filter);
  /// Forgets the filter if nothing hangs on it any more.
  void remove_if_empty(std::string_view filter);
  [[nodiscard]] size_t size() const { return table_.size(); }

 private:
  struct Node;

  [[nodiscard]] Node* find_node(std::string_view filter, uint64_t hash) const;

  base::EpochDomain& epoch_;
  uint64_t seed_;
  LookupTable table_;
};

}  // namespace patchbay::router

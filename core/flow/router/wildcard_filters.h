#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/epoch.h"
#include "router/filter_slot.h"
#include "router/lookup_table.h"

namespace patchbay::router {

/// The filters with wildcards: a trie by levels. The literal children of all nodes are edges in one hash table, so that
/// a node with a million children is as quick as one with two. A look-up visits the nodes whose levels match so far,
/// and nothing else.
class WildcardFilters {
 public:
  WildcardFilters(base::EpochDomain& epoch, uint64_t seed);
  ~WildcardFilters();

  /// [any-thread, in an epoch section]
  void collect(std::string_view topic_name, Matches& matches) const;
  /// [any-thread, in an epoch section]
  [[nodiscard]] FilterSlot* find(std::string_view filter) const;

  // One writer at a time:
  [[nodiscard]] FilterSlot& find_or_add(std::string_view filter);
  /// Forgets the filter, and the levels that only it needed, if nothing hangs on it any more.
  void remove_if_empty(std::string_view filter);

 private:
  struct Node;

  [[nodiscard]] Node* literal_child(const Node& node, std::string_view level) const;
  [[nodiscard]] Node* child(const Node& node, std::string_view level) const;
  [[nodiscard]] Node& child_or_add(Node& node, std::string_view level);
  /// The node of the last level (the one before a final '#'), or null.
  [[nodiscard]] Node* node_of(std::string_view filter) const;
  void collect_from(const Node& node, std::string_view topic_name, size_t level_begin, Matches& matches) const;
  void prune(Node* node);
  static void destroy_below(Node& node);

  base::EpochDomain& epoch_;
  uint64_t seed_;
  LookupTable edges_;
  Node* root_;
};

}  // namespace patchbay::router

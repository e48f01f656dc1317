#include "router/wildcard_filters.h"

#include <cstring>
#include <new>

#include "router/text_hash.h"
#include "topic/levels.h"
#include "topic/topic_name.h"

namespace patchbay::router {

/// The filters that begin with the same levels. An edge of the table unless its own level is '+'; the text of its level
/// follows the node.
struct WildcardFilters::Node : TableNode {
  uint32_t text_size = 0;
  std::atomic<uint32_t> literal_children{0};
  uint32_t children = 0;  // '+' included
  Node* parent = nullptr;
  std::atomic<Node*> plus{nullptr};
  std::atomic<FilterSlot*> hash{nullptr};  // of the filter that ends with '#' behind this level
  FilterSlot own;                          // of the filter that ends with this level

  [[nodiscard]] std::string_view text() const { return {reinterpret_cast<const char*>(this + 1), text_size}; }
  [[nodiscard]] bool is_plus() const { return parent != nullptr && parent->plus.load() == this; }
  [[nodiscard]] bool is_unused() const { return children == 0 && hash.load() == nullptr && own.is_empty(); }

  static Node* create(Node* parent, std::string_view text) {
    void* const memory = ::operator new(sizeof(Node) + text.size());
    Node* const node = new (memory) Node;
    node->parent = parent;
    node->text_size = static_cast<uint32_t>(text.size());
    std::memcpy(reinterpret_cast<char*>(node + 1), text.data(), text.size());
    return node;
  }
  static void destroy(void* memory) {
    Node* const node = static_cast<Node*>(memory);
    delete node->hash.load();
    node->~Node();
    ::operator delete(memory);
  }
};

namespace {

bool ends_with_hash(std::string_view filter) {
  return filter.back() == '#';
}

uint64_t edge_hash(const void* parent, std::string_view level, uint64_t seed) {
  return hash_text(level, seed ^ (reinterpret_cast<uintptr_t>(parent) * 0x9E3779B97F4A7C15U));
}

}  // namespace

WildcardFilters::WildcardFilters(base::EpochDomain& epoch, uint64_t seed)
    : epoch_(epoch), seed_(seed), root_(Node::create(nullptr, "")) {}

WildcardFilters::~WildcardFilters() {
  // Nodes at a '+' hang on their parents only, all others are edges. Edges are taken in any order: each frees the chain
  // of '+' nodes below it, and literal children of those are edges themselves.
  destroy_below(*root_);
  edges_.dispose_all([](TableNode& edge) {
    destroy_below(static_cast<Node&>(edge));
    Node::destroy(static_cast<Node*>(&edge));
  });
  Node::destroy(root_);
}

void WildcardFilters::destroy_below(Node& node) {
  Node* plus = node.plus.load();
  while (plus != nullptr) {
    Node* const next = plus->plus.load();
    Node::destroy(plus);
    plus = next;
  }
}

WildcardFilters::Node* WildcardFilters::literal_child(const Node& node, std::string_view level) const {
  if (node.literal_children.load(std::memory_order_relaxed) == 0) return nullptr;
  return static_cast<Node*>(edges_.find(edge_hash(&node, level, seed_), [&node, level](const TableNode& edge) {
    const Node& found = static_cast<const Node&>(edge);
    return found.parent == &node && found.text() == level;
  }));
}

WildcardFilters::Node* WildcardFilters::child(const Node& node, std::string_view level) const {
  return level == "+" ? node.plus.load(std::memory_order_acquire) : literal_child(node, level);
}

// The recursion is as deep as the topic has levels at most, which RouterLimits::topic bounds.
void WildcardFilters::collect_from(const Node& node, std::string_view topic_name, size_t level_begin,
                                   Matches& matches) const {
  const bool wildcard_matches = level_begin != 0 || !topic::is_dollar_topic(topic_name);  // [MQTT-4.7.2-1]
  const FilterSlot* const hash = node.hash.load(std::memory_order_acquire);
  if (hash != nullptr && wildcard_matches) hash->collect(matches);
  if (level_begin > topic_name.size()) {
    node.own.collect(matches);
    return;
  }
  size_t level_end = topic_name.find('/', level_begin);
  if (level_end == std::string_view::npos) level_end = topic_name.size();
  const Node* const literal = literal_child(node, topic_name.substr(level_begin, level_end - level_begin));
  if (literal != nullptr) collect_from(*literal, topic_name, level_end + 1, matches);
  const Node* const plus = node.plus.load(std::memory_order_acquire);
  if (plus != nullptr && wildcard_matches) collect_from(*plus, topic_name, level_end + 1, matches);
}

void WildcardFilters::collect(std::string_view topic_name, Matches& matches) const {
  collect_from(*root_, topic_name, 0, matches);
}

WildcardFilters::Node* WildcardFilters::node_of(std::string_view filter) const {
  Node* node = root_;
  for (topic::Levels levels(filter); node != nullptr && levels.next();) {
    if (levels.level() == "#") break;
    node = child(*node, levels.level());
  }
  return node;
}

FilterSlot* WildcardFilters::find(std::string_view filter) const {
  Node* const node = node_of(filter);
  if (node == nullptr) return nullptr;
  return ends_with_hash(filter) ? node->hash.load(std::memory_order_acquire) : &node->own;
}

WildcardFilters::Node& WildcardFilters::child_or_add(Node& node, std::string_view level) {
  Node* const present = child(node, level);
  if (present != nullptr) return *present;
  Node* const added = Node::create(&node, level);
  if (level == "+") {
    node.plus.store(added, std::memory_order_release);
  } else {
    edges_.insert(*added, edge_hash(&node, level, seed_));
    // After the edge, so that a reader who sees the count may rely on the table; one who does not is just earlier.
    node.literal_children.fetch_add(1, std::memory_order_release);
  }
  ++node.children;
  return *added;
}

FilterSlot& WildcardFilters::find_or_add(std::string_view filter) {
  Node* node = root_;
  for (topic::Levels levels(filter); levels.next();) {
    if (levels.level() == "#") break;
    node = &child_or_add(*node, levels.level());
  }
  if (!ends_with_hash(filter)) return node->own;
  FilterSlot* hash = node->hash.load(std::memory_order_relaxed);
  if (hash == nullptr) {
    hash = new FilterSlot;
    node->hash.store(hash, std::memory_order_release);
  }
  return *hash;
}

void WildcardFilters::prune(Node* node) {
  while (node != root_ && node->is_unused()) {
    Node* const parent = node->parent;
    if (node->is_plus()) {
      parent->plus.store(nullptr, std::memory_order_release);
    } else {
      edges_.erase(*node);
      parent->literal_children.fetch_sub(1, std::memory_order_relaxed);
    }
    --parent->children;
    epoch_.retire(node, &Node::destroy);
    node = parent;
  }
}

void WildcardFilters::remove_if_empty(std::string_view filter) {
  Node* const node = node_of(filter);
  if (node == nullptr) return;
  if (ends_with_hash(filter)) {
    FilterSlot* const hash = node->hash.load(std::memory_order_relaxed);
    if (hash != nullptr && hash->is_empty()) {
      node->hash.store(nullptr, std::memory_order_release);
      epoch_.retire(hash);
    }
  }
  prune(node);
}

}  // namespace patchbay::router

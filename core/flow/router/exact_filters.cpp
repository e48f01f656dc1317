#include "router/exact_filters.h"

#include <cstring>
#include <new>

#include "router/text_hash.h"

namespace patchbay::router {

/// One allocation for each filter; its text follows the node.
struct ExactFilters::Node : TableNode {
  uint32_t text_size = 0;
  FilterSlot slot;

  [[nodiscard]] std::string_view text() const { return {reinterpret_cast<const char*>(this + 1), text_size}; }

  static Node* create(std::string_view text) {
    void* const memory = ::operator new(sizeof(Node) + text.size());
    Node* const node = new (memory) Node;
    node->text_size = static_cast<uint32_t>(text.size());
    std::memcpy(reinterpret_cast<char*>(node + 1), text.data(), text.size());
    return node;
  }
  static void destroy(void* memory) {
    static_cast<Node*>(memory)->~Node();
    ::operator delete(memory);
  }
};

ExactFilters::~ExactFilters() {
  table_.dispose_all([](TableNode& node) { Node::destroy(static_cast<Node*>(&node)); });
}

ExactFilters::Node* ExactFilters::find_node(std::string_view filter, uint64_t hash) const {
  return static_cast<Node*>(
      table_.find(hash, [filter](const TableNode& node) { return static_cast<const Node&>(node).text() == filter; }));
}

void ExactFilters::collect(std::string_view topic_name, Matches& matches) const {
  const Node* const node = find_node(topic_name, hash_text(topic_name, seed_));
  if (node != nullptr) node->slot.collect(matches);
}

FilterSlot* ExactFilters::find(std::string_view filter) const {
  Node* const node = find_node(filter, hash_text(filter, seed_));
  return node == nullptr ? nullptr : &node->slot;
}

FilterSlot& ExactFilters::find_or_add(std::string_view filter) {
  const uint64_t hash = hash_text(filter, seed_);
  Node* node = find_node(filter, hash);
  if (node == nullptr) {
    node = Node::create(filter);
    table_.insert(*node, hash);
  }
  return node->slot;
}

void ExactFilters::remove_if_empty(std::string_view filter) {
  Node* const node = find_node(filter, hash_text(filter, seed_));
  if (node == nullptr || !node->slot.is_empty()) return;
  table_.erase(*node);
  epoch_.retire(node, &Node::destroy);
}

}  // namespace patchbay::router

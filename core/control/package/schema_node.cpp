#include "package/schema_node.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace patchbay::package {

using nlohmann::json;

namespace {

/// The constant that the schema demands of the member; null: none.
const json* constant_of(const SchemaNode& branch, const std::string& name) {
  const auto member = branch.member(name);
  return member ? member->keyword("const") : nullptr;
}

bool tells_apart(const std::vector<SchemaNode>& branches, const std::string& name) {
  std::vector<const json*> seen;
  for (const SchemaNode& branch : branches) {
    const json* const constant = constant_of(branch, name);
    if (constant == nullptr) return false;
    if (std::any_of(seen.begin(), seen.end(), [&](const json* other) { return *other == *constant; })) return false;
    seen.push_back(constant);
  }
  return true;
}

}  // namespace

const json* find_definition(const json& root, std::string_view reference) {
  for (const std::string_view place : {"definitions", "$defs"}) {
    const std::string prefix = "#/" + std::string(place) + '/';
    if (!reference.starts_with(prefix)) continue;
    const auto definitions = root.find(place);
    if (definitions == root.end() || !definitions->is_object()) return nullptr;
    const auto found = definitions->find(reference.substr(prefix.size()));
    return found == definitions->end() ? nullptr : &*found;
  }
  return nullptr;
}

const json& SchemaNode::target() const {
  const json* node = node_;
  for (auto reference = node->find("$ref"); reference != node->end(); reference = node->find("$ref")) {
    node = find_definition(*root_, reference->get_ref<const std::string&>());
  }
  return *node;
}

const json* SchemaNode::keyword(std::string_view name) const {
  for (const json* node = node_; node != nullptr;) {
    const auto found = node->find(name);
    if (found != node->end()) return &*found;
    const auto reference = node->find("$ref");
    if (reference == node->end()) return nullptr;
    node = find_definition(*root_, reference->get_ref<const std::string&>());
  }
  return nullptr;
}

bool SchemaNode::flag(std::string_view name) const {
  const json* const value = keyword(name);
  return value != nullptr && value->is_boolean() && value->get<bool>();
}

bool SchemaNode::is_choice() const {
  return target().contains("oneOf");
}

std::vector<SchemaNode> SchemaNode::branches() const {
  std::vector<SchemaNode> all;
  const json& node = target();
  const auto one_of = node.find("oneOf");
  if (one_of == node.end()) return all;
  for (const json& branch : *one_of) all.emplace_back(*root_, branch);
  return all;
}

std::string SchemaNode::discriminator() const {
  const std::vector<SchemaNode> all = branches();
  if (all.empty()) return {};
  const json& first = all.front().target();
  const auto properties = first.find("properties");
  if (properties == first.end()) return {};
  for (const auto& [name, schema] : properties->items()) {
    if (tells_apart(all, name)) return name;
  }
  return {};
}

std::optional<SchemaNode> SchemaNode::chosen(const json& value) const {
  if (!is_choice()) return *this;
  const std::string name = discriminator();
  if (!value.is_object() || !value.contains(name)) return std::nullopt;
  for (const SchemaNode& branch : branches()) {
    const json* const constant = constant_of(branch, name);
    if (constant != nullptr && *constant == value[name]) return branch;
  }
  return std::nullopt;
}

std::optional<SchemaNode> SchemaNode::member(const std::string& name) const {
  const json& node = target();
  const auto properties = node.find("properties");
  if (properties != node.end()) {
    const auto found = properties->find(name);
    if (found != properties->end()) return SchemaNode(*root_, *found);
  }
  const auto others = node.find("additionalProperties");
  if (others != node.end() && others->is_object()) return SchemaNode(*root_, *others);
  return std::nullopt;
}

std::optional<SchemaNode> SchemaNode::items() const {
  const json& node = target();
  const auto items = node.find("items");
  if (items == node.end()) return std::nullopt;
  return SchemaNode(*root_, *items);
}

}  // namespace patchbay::package

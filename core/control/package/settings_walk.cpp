#include "package/settings_walk.h"

#include <nlohmann/json.hpp>

#include "package/problem.h"

namespace patchbay::package {

using nlohmann::json;

namespace {

/// What describes the member, for masking: of several branches that could be meant, one where it is a secret.
std::optional<SchemaNode> member_for_masking(const SchemaNode& node, const json& value, const std::string& name) {
  const auto chosen = node.chosen(value);
  if (chosen) return chosen->member(name);
  std::optional<SchemaNode> any;
  for (const SchemaNode& branch : node.branches()) {
    const auto member = branch.member(name);
    if (!member) continue;
    if (member->flag("x-secret")) return member;
    any = member;
  }
  return any;
}

void fill_members(const SchemaNode& node, json& value) {
  const json& target = node.target();
  const auto properties = target.find("properties");
  if (properties != target.end()) {
    for (const auto& [name, schema] : properties->items()) {
      if (value.contains(name)) continue;
      const json* const initial = node.beside(schema).keyword("default");
      if (initial != nullptr) value[name] = *initial;
    }
  }
  for (const auto& [name, inner] : value.items()) {
    if (const auto member = node.member(name)) fill_defaults(*member, inner);
  }
}

}  // namespace

void for_each_secret(const SchemaNode& node, json& value, const std::string& pointer,
                     const std::function<void(const std::string& pointer, json& secret)>& visit) {
  if (node.flag("x-secret")) return visit(pointer, value);
  if (value.is_object()) {
    for (const auto& [name, inner] : value.items()) {
      const auto member = member_for_masking(node, value, name);
      if (member) for_each_secret(*member, inner, pointer_to(pointer, name), visit);
    }
  } else if (value.is_array()) {
    const auto items = node.items();
    for (size_t index = 0; items && index < value.size(); ++index) {
      for_each_secret(*items, value[index], pointer_to(pointer, index), visit);
    }
  }
}

void fill_defaults(const SchemaNode& node, json& value) {
  if (value.is_object()) {
    const auto chosen = node.chosen(value);
    if (chosen) fill_members(*chosen, value);
  } else if (value.is_array()) {
    const auto items = node.items();
    if (!items) return;
    for (json& element : value) fill_defaults(*items, element);
  }
}

}  // namespace patchbay::package

#include "package/settings_changes.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "package/secret_source.h"
#include "package/settings_terms.h"
#include "package/settings_walk.h"

namespace patchbay::package {

using nlohmann::json;

namespace {

const json* member_of(const json* value, const std::string& name) {
  if (value == nullptr || !value->is_object()) return nullptr;
  const auto found = value->find(name);
  return found == value->end() ? nullptr : &*found;
}

const json* element_of(const json* value, size_t index) {
  return value != nullptr && value->is_array() && index < value->size() ? &(*value)[index] : nullptr;
}

std::set<std::string> member_names(const json* before, const json* after) {
  std::set<std::string> names;
  for (const json* value : {before, after}) {
    if (value == nullptr || !value->is_object()) continue;
    for (const auto& [name, inner] : value->items()) names.insert(name);
  }
  return names;
}

/// What describes the member in the newer settings or, where these have none, in the older ones.
std::optional<SchemaNode> member_node(const SchemaNode& node, const json* before, const json* after,
                                      const std::string& name) {
  for (const json* value : {after, before}) {
    if (value == nullptr) continue;
    const auto chosen = node.chosen(*value);
    const auto member = chosen ? chosen->member(name) : std::nullopt;
    if (member) return member;
  }
  return std::nullopt;
}

/// Which element of `current` each element of `changed` belongs to.
std::vector<const json*> partners(const SchemaNode& items, const json& changed, const json* current) {
  std::vector<const json*> found(changed.size(), nullptr);
  if (current == nullptr || !current->is_array()) return found;
  std::vector<json> masked(current->begin(), current->end());
  for (json& element : masked) mask_secrets(items, element);
  std::multimap<json, size_t> open;  // Elements of `current` that belong to nobody yet, by how they look.
  for (size_t index = 0; index < masked.size(); ++index) {
    // The same place first, so that equal elements keep their own secrets.
    if (index < changed.size() && masked[index] == changed[index]) {
      found[index] = &(*current)[index];
    } else {
      open.emplace(std::move(masked[index]), index);
    }
  }
  std::vector<bool> is_open(masked.size(), false);
  for (const auto& [look, index] : open) is_open[index] = true;
  for (size_t index = 0; index < changed.size(); ++index) {
    const auto same = found[index] == nullptr ? open.find(changed[index]) : open.end();
    if (same == open.end()) continue;
    found[index] = &(*current)[same->second];
    is_open[same->second] = false;
    open.erase(same);
  }
  if (changed.size() != current->size()) return found;
  for (size_t index = 0; index < found.size(); ++index) {
    if (found[index] == nullptr && is_open[index]) found[index] = &(*current)[index];
  }
  return found;
}

void restore_one(json& secret, const json* current, const std::string& pointer, Problems& problems) {
  if (secret != kSecretMask) return;
  if (current != nullptr && current->is_string()) {
    secret = *current;
  } else {
    problems.push_back({pointer, "the mask came back, but there is no secret here that it could stand for"});
  }
}

bool is_one_reference(const json& value) {
  if (!value.is_string()) return false;
  const std::string_view text = value.get_ref<const std::string&>();
  return has_secret_reference(text) && text.starts_with("${") && text.find('}') == text.size() - 1;
}

}  // namespace

void add_restart_pointers(const SchemaNode& node, const json* before, const json* after, const std::string& pointer,
                          std::vector<std::string>& pointers) {
  if (before == after || (before != nullptr && after != nullptr && *before == *after)) return;
  if (node.flag("x-restart")) {
    pointers.push_back(pointer);
    return;
  }
  for (const std::string& name : member_names(before, after)) {
    const auto member = member_node(node, before, after, name);
    if (!member) continue;
    add_restart_pointers(*member, member_of(before, name), member_of(after, name), pointer_to(pointer, name), pointers);
  }
  const auto items = node.items();
  if (!items) return;
  const size_t size = std::max(before != nullptr ? before->size() : 0, after != nullptr ? after->size() : 0);
  for (size_t index = 0; index < size; ++index) {
    add_restart_pointers(*items, element_of(before, index), element_of(after, index), pointer_to(pointer, index),
                         pointers);
  }
}

void restore_secrets(const SchemaNode& node, json& changed, const json* current, const std::string& pointer,
                     Problems& problems) {
  if (node.flag("x-secret")) return restore_one(changed, current, pointer, problems);
  if (changed.is_object()) {
    const auto chosen = node.chosen(changed);
    if (!chosen) return;  // The check will say which branches there are.
    for (const auto& [name, inner] : changed.items()) {
      const auto member = chosen->member(name);
      if (!member) continue;
      restore_secrets(*member, inner, member_of(current, name), pointer_to(pointer, name), problems);
    }
  } else if (changed.is_array()) {
    const auto items = node.items();
    if (!items) return;
    const auto of = partners(*items, changed, current);
    for (size_t index = 0; index < changed.size(); ++index) {
      restore_secrets(*items, changed[index], of[index], pointer_to(pointer, index), problems);
    }
  }
}

void mask_secrets(const SchemaNode& node, json& value) {
  for_each_secret(node, value, "", [](const std::string&, json& secret) {
    if (!is_one_reference(secret)) secret = kSecretMask;
  });
}

}  // namespace patchbay::package

#include "config/runtime_changes.h"

#include <algorithm>

#include "config/config_changes.h"
#include "config/key_lookup.h"

namespace patchbay::config {

namespace {

constexpr std::string_view kHead =
    "# What was changed while the broker ran, through its REST API. Stronger than the configuration file, weaker than\n"
    "# the environment and --set. One key in a line; delete lines, or the file, to go back.\n";

/// As value_text, but with secrets: the file is its owner's alone.
std::string plain_value(const KeyRow& row, const void* object) {
  KeyRow plain = row;
  plain.secret = false;
  return value_text(plain, object);
}

std::string listener_prefix(ListenerType type, const std::string& name) {
  return "listeners." + std::string(listener_type_name(type)) + '.' + name + '.';
}

}  // namespace

base::Result<RuntimeChanges, std::string> RuntimeChanges::parse(std::string_view text) {
  RuntimeChanges changes;
  for (size_t line = 1; !text.empty(); ++line) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view row = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (row.empty() || row.front() == '#') continue;
    const size_t equals = row.find(" = ");
    const bool is_assignment =
        equals != std::string_view::npos && row.substr(0, equals).find_first_of("[]\" ") == std::string_view::npos;
    if (!is_assignment) return base::fail("line " + std::to_string(line) + ": not of the form key = value");
    changes.values_[std::string(row.substr(0, equals))] = std::string(row.substr(equals + 3));
  }
  return changes;
}

std::string RuntimeChanges::text() const {
  std::string text(kHead);
  for (const auto& [key, value] : values_) {
    text += key;
    text += " = ";
    text += value;
    text += '\n';
  }
  return text;
}

void RuntimeChanges::put(const KeyRow& row, const std::string& key, const void* object) {
  values_[key] = plain_value(row, object);
}

void RuntimeChanges::forget_listener(const std::string& prefix) {
  std::erase_if(values_, [&prefix](const auto& entry) { return entry.first.compare(0, prefix.size(), prefix) == 0; });
}

void RuntimeChanges::put_listener(ListenerType type, const std::string& name, const ListenerConfig& listener) {
  const std::string prefix = listener_prefix(type, name);
  // All keys, so that none of a listener of that name in the file shows through.
  for (const KeyRow& row : listener_keys()) {
    if (has_key(type, row)) put(row, prefix + std::string(row.name), &listener);
  }
}

std::vector<std::string> RuntimeChanges::record(const Config& before, const Config& after, const Config& base) {
  std::vector<std::string> problems;
  for (const ConfigChange& change : changes_between(before, after)) {
    const std::vector<std::string> parts = split_key(change.key);
    if (parts.size() == 3 && parts.front() == "listeners") continue;  // it came or went: below
    Config scratch = after;
    const KeyMatch match = look_up(scratch, parts);
    if (match.kind != KeyMatch::Kind::key || match.row->type == KeyType::json) {
      problems.push_back(change.key + ": is not changed here, but with the plugin that it is about");
      continue;
    }
    put(*match.row, change.key, match.object);
  }
  for (const ListenerType type : kListenerTypes) {
    const ListenerMap& old_ones = listener_map(before.listeners, type);
    const ListenerMap& new_ones = listener_map(after.listeners, type);
    for (const auto& [name, listener] : new_ones) {
      if (old_ones.count(name) == 0) put_listener(type, name, listener);
    }
    for (const auto& [name, listener] : old_ones) {
      if (new_ones.count(name) != 0) continue;
      const std::string prefix = listener_prefix(type, name);
      forget_listener(prefix);
      if (listener_map(base.listeners, type).count(name) != 0) values_[prefix + "enable"] = "false";
    }
  }
  return problems;
}

std::vector<std::string> overruled(const Config& wanted, const LoadedConfig& loaded, const RuntimeChanges& changes) {
  std::vector<std::string> lines;
  for (const auto& [key, value] : changes.values()) {
    const std::vector<std::string> parts = split_key(key);
    Config asked = wanted;
    Config found = loaded.config;
    const KeyMatch want = look_up(asked, parts);
    const KeyMatch have = look_up(found, parts);
    if (want.kind != KeyMatch::Kind::key || have.kind != KeyMatch::Kind::key) continue;
    if (plain_value(*want.row, want.object) == plain_value(*have.row, have.object)) continue;
    const std::string where = loaded.where(key);
    if (where.find(kRuntimeFile) == std::string::npos)
      lines.push_back(key + ": is given by " + where + ", which is stronger than a change at run time");
  }
  return lines;
}

}  // namespace patchbay::config

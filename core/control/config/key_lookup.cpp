#include "config/key_lookup.h"

#include <algorithm>
#include <cctype>
#include <optional>

#include "config/did_you_mean.h"
#include "config/toml_string.h"

namespace patchbay::config {

namespace {

using Kind = KeyMatch::Kind;

constexpr size_t kLongestName = 64;

KeyMatch unknown(std::string problem, std::string allowed) {
  KeyMatch match;
  match.problem = std::move(problem);
  match.allowed = std::move(allowed);
  return match;
}

KeyMatch unknown_with_suggestion(std::string_view what, std::string_view word, const std::vector<std::string>& names,
                                 std::string allowed) {
  const std::optional<std::string> nearest = did_you_mean(word, names);
  std::string problem(what);
  if (nearest) problem += "; did you mean " + *nearest + "?";
  return unknown(std::move(problem), std::move(allowed));
}

bool is_section_of(std::string_view key, std::string_view section) {
  return key.size() > section.size() && key[section.size()] == '.' && key.substr(0, section.size()) == section;
}

std::optional<ListenerType> listener_type(std::string_view name) {
  for (const ListenerType type : kListenerTypes) {
    if (listener_type_name(type) == name) return type;
  }
  return std::nullopt;
}

bool is_plain_name(std::string_view name) {
  const auto fits = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '-'; };
  return !name.empty() && name.size() <= kLongestName && std::all_of(name.begin(), name.end(), fits);
}

std::string types_with(const KeyRow& row) {
  std::string types;
  for (const ListenerType type : kListenerTypes) {
    if (!has_key(type, row)) continue;
    if (!types.empty()) types += ", ";
    types += listener_type_name(type);
  }
  return types;
}

KeyMatch unknown_listener_key(ListenerType type, const std::string& prefix, const std::string& key) {
  std::vector<std::string> names;
  for (const KeyRow& row : listener_keys()) {
    if (row.name == key || is_section_of(row.name, key)) {
      return unknown("not a key of a listener of type " + std::string(listener_type_name(type)),
                     "only in listeners of type " + types_with(row));
    }
    if (has_key(type, row)) names.push_back(prefix + std::string(row.name));
  }
  return unknown_with_suggestion("unknown key", prefix + key, names, "the keys in core/control/config/REFERENCE.md");
}

KeyMatch look_up_listener_key(Config& config, ListenerType type, std::span<const std::string> parts) {
  const std::string key = join_key(parts.subspan(3));
  KeyMatch match;
  for (const KeyRow& row : listener_keys()) {
    if (!has_key(type, row)) continue;
    if (row.name == key) {
      match.row = &row;
      match.kind = Kind::key;
      match.object = &listener_map(config.listeners, type)[parts[2]];
      return match;
    }
    if (is_section_of(row.name, key)) match.kind = Kind::section;
  }
  if (match.kind == Kind::section) return match;
  return unknown_listener_key(type, join_key(parts.first(3)) + '.', key);
}

KeyMatch look_up_listener(Config& config, std::span<const std::string> parts) {
  KeyMatch section;
  section.kind = Kind::section;
  if (parts.size() == 1) return section;
  const std::optional<ListenerType> type = listener_type(parts[1]);
  if (!type) {
    return unknown_with_suggestion("unknown type of listener", parts[1], {"tcp", "ssl", "ws", "wss", "udp", "dtls"},
                                   "listeners.<tcp|ssl|ws|wss|udp|dtls>.<name>.<key>");
  }
  if (parts.size() == 2) return section;
  if (!is_plain_name(parts[2])) {
    return unknown("found " + toml_string(parts[2]) + " as the name of a listener",
                   "letters, digits, _ and -, at most 64");
  }
  if (parts.size() > 3) return look_up_listener_key(config, *type, parts);
  listener_map(config.listeners, *type)[parts[2]];
  return section;
}

KeyMatch look_up_plugin(Config& config, std::span<const std::string> parts) {
  KeyMatch match;
  match.kind = Kind::section;
  if (parts.size() == 1) return match;
  if (!is_plain_name(parts[1])) {
    return unknown("found " + toml_string(parts[1]) + " as the name of a plugin's instance",
                   "letters, digits, _ and -, at most 64");
  }
  PluginConfig& plugin = config.plugin[parts[1]];
  if (parts.size() == 2) return match;
  const std::string key = join_key(parts.subspan(2));
  std::vector<std::string> names;
  for (const KeyRow& row : plugin_keys()) {
    if (row.name == key) {
      match.kind = Kind::key;
      match.row = &row;
      match.object = &plugin;
      return match;
    }
    names.push_back(join_key(parts.first(2)) + '.' + std::string(row.name));
  }
  return unknown_with_suggestion("unknown key", join_key(parts), names, "the keys in core/control/config/REFERENCE.md");
}

std::vector<std::string> suggestions() {
  std::vector<std::string> names;
  for (const KeyRow* row : root_keys()) names.emplace_back(row->name);
  for (const KeyRow& row : listener_keys()) {
    if (has_key(ListenerType::tcp, row)) names.push_back("listeners.tcp.default." + std::string(row.name));
  }
  for (const char* section : {"node", "listeners", "mqtt", "connection", "retainer", "delayed", "sys_topics", "access",
                              "log", "api", "plugins", "plugin"}) {
    names.emplace_back(section);
  }
  return names;
}

}  // namespace

KeyMatch look_up(Config& config, std::span<const std::string> parts) {
  if (!parts.empty() && parts.front() == "listeners") return look_up_listener(config, parts);
  if (!parts.empty() && parts.front() == "plugin") return look_up_plugin(config, parts);
  const std::string key = join_key(parts);
  KeyMatch match;
  for (const KeyRow* row : root_keys()) {
    if (row->name == key) {
      match.kind = Kind::key;
      match.row = row;
      match.object = &config;
      return match;
    }
    if (is_section_of(row->name, key)) match.kind = Kind::section;
  }
  if (match.kind == Kind::section) return match;
  return unknown_with_suggestion("unknown key", key, suggestions(), "the keys in core/control/config/REFERENCE.md");
}

std::vector<std::string> split_key(std::string_view key) {
  std::vector<std::string> parts;
  size_t begin = 0;
  for (size_t dot = key.find('.'); dot != std::string_view::npos; dot = key.find('.', begin)) {
    parts.emplace_back(key.substr(begin, dot - begin));
    begin = dot + 1;
  }
  parts.emplace_back(key.substr(begin));
  return parts;
}

std::string join_key(std::span<const std::string> parts) {
  std::string key;
  for (const std::string& part : parts) {
    if (!key.empty()) key += '.';
    key += part;
  }
  return key;
}

const KeyRow* find_row(std::string_view key) {
  Config scratch;
  const std::vector<std::string> parts = split_key(key);
  return look_up(scratch, parts).row;
}

}  // namespace patchbay::config

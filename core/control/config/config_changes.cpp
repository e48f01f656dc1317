#include "config/config_changes.h"

namespace patchbay::config {

namespace {

bool same_value(const KeyRow& row, const void* before, const void* after) {
  if (!row.secret) return value_text(row, before) == value_text(row, after);
  const auto secret = [&row](const void* object) {
    return *std::get<std::string*>(row.field(const_cast<void*>(object)));
  };
  return secret(before) == secret(after);
}

void compare(const KeyRow& row, const std::string& key, const void* before, const void* after,
             std::vector<ConfigChange>& changes) {
  if (same_value(row, before, after)) return;
  changes.push_back({key, value_text(row, before), value_text(row, after), row.reload});
}

void compare_listeners(ListenerType type, const ListenerMap& before, const ListenerMap& after,
                       std::vector<ConfigChange>& changes) {
  const std::string prefix = "listeners." + std::string(listener_type_name(type)) + '.';
  for (const auto& [name, listener] : before) {
    const auto now = after.find(name);
    if (now == after.end()) {
      changes.push_back({prefix + name, "a listener", "none", Reload::restart});
      continue;
    }
    for (const KeyRow& row : listener_keys()) {
      compare(row, prefix + name + '.' + std::string(row.name), &listener, &now->second, changes);
    }
  }
  for (const auto& [name, listener] : after) {
    if (before.count(name) == 0) changes.push_back({prefix + name, "none", "a listener", Reload::restart});
  }
}

// What plugins are told is the plugin host's business, which compares tables itself; here it is for the log.
void compare_plugins(const PluginMap& before, const PluginMap& after, std::vector<ConfigChange>& changes) {
  for (const auto& [name, plugin] : before) {
    const auto now = after.find(name);
    if (now == after.end()) {
      changes.push_back({"plugin." + name, "a plugin", "none", Reload::sighup});
      continue;
    }
    for (const KeyRow& row : plugin_keys()) {
      compare(row, "plugin." + name + '.' + std::string(row.name), &plugin, &now->second, changes);
    }
  }
  for (const auto& [name, plugin] : after) {
    if (before.count(name) == 0) changes.push_back({"plugin." + name, "none", "a plugin", Reload::sighup});
  }
}

}  // namespace

std::vector<ConfigChange> changes_between(const Config& before, const Config& after) {
  std::vector<ConfigChange> changes;
  for (const KeyRow* row : root_keys()) compare(*row, std::string(row->name), &before, &after, changes);
  for (const ListenerType type : kListenerTypes) {
    compare_listeners(type, listener_map(before.listeners, type), listener_map(after.listeners, type), changes);
  }
  compare_plugins(before.plugin, after.plugin, changes);
  return changes;
}

}  // namespace patchbay::config

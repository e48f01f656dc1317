#include <algorithm>
#include <cctype>
#include <set>

#include "config/config_check.h"
#include "config/toml_string.h"

namespace patchbay::config {

namespace {

constexpr size_t kLongestName = 64;

bool is_instance_name(const std::string& name) {
  const auto fits = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '-'; };
  const bool begins = !name.empty() && std::isalnum(static_cast<unsigned char>(name.front())) != 0;
  return begins && name.size() <= kLongestName && std::all_of(name.begin(), name.end(), fits);
}

bool is_position(const std::string& text) {
  if (text.empty() || text == "front" || text == "rear") return true;
  for (const char* relation : {"before:", "after:"}) {
    if (text.rfind(relation, 0) == 0) return is_instance_name(text.substr(std::string(relation).size()));
  }
  return false;
}

bool is_sha256(const std::string& text) {
  const auto fits = [](unsigned char c) { return std::isxdigit(c) != 0; };
  return text.empty() || (text.size() == 64 && std::all_of(text.begin(), text.end(), fits));
}

}  // namespace

void check_plugins(const LoadedConfig& loaded, std::vector<ConfigProblem>& problems) {
  const auto add = [&](const std::string& key, std::string found, std::string allowed) {
    problems.push_back({key, loaded.where(key), std::move(found), std::move(allowed)});
  };
  std::set<std::string> names;
  for (const std::string& name : loaded.config.plugins.enabled) {
    if (!is_instance_name(name))
      add("plugins.enabled", "found " + toml_string(name), "letters, digits, _ and -, at most 64");
    if (!names.insert(name).second) add("plugins.enabled", "found " + toml_string(name) + " twice", "each name once");
  }
  std::set<std::string> hooks;
  for (const HookRuleConfig& rule : loaded.config.plugins.hook) {
    if (!hooks.insert(rule.hook).second)
      add("plugins.hook", "found " + toml_string(rule.hook) + " twice", "each hook once");
  }
  for (const auto& [name, plugin] : loaded.config.plugin) {
    const std::string prefix = "plugin." + name + '.';
    if (!is_position(plugin.position)) {
      add(prefix + "position", "found " + toml_string(plugin.position),
          "front, rear, before:<instance>, after:<instance>, or \"\"");
    }
    if (!is_sha256(plugin.sha256))
      add(prefix + "sha256", "found " + toml_string(plugin.sha256), "64 hexadecimal digits, or \"\"");
  }
}

}  // namespace patchbay::config

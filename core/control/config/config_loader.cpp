#include "config/config_loader.h"

#include <cctype>

#include "config/key_lookup.h"
#include "config/toml_document.h"
#include "config/toml_string.h"
#include "config/value_assign.h"

namespace patchbay::config {

namespace {

constexpr std::string_view kEnvironmentPrefix = "PATCHBAY_";

class Loader {
 public:
  Loader(LoadedConfig& loaded, std::vector<ConfigProblem>& problems) : loaded_(loaded), problems_(problems) {}

  void load_file(const std::string& name, const std::string& text) {
    const Origin origin{name, true};
    const base::Result<RawValue, TomlError> root = parse_toml(text);
    if (!root) {
      problems_.push_back({"", origin.at(root.error().line), root.error().description, "TOML 1.0"});
      return;
    }
    std::vector<std::string> parts;
    for (const RawMember& member : root->members) load_member(parts, member, origin);
  }

  // PATCHBAY_MQTT__MAX_INFLIGHT is mqtt.max_inflight. Variables without "__" are others' business (a script's own
  // settings), unless they are exactly a key.
  void load_variable(const std::string& name, const std::string& text) {
    if (name.compare(0, kEnvironmentPrefix.size(), kEnvironmentPrefix) != 0) return;
    const std::string key = key_of_variable(name);
    if (key.find('.') == std::string::npos && find_row(key) == nullptr) return;
    load_override(key, text, Origin{"environment " + name});
  }

  void load_set(const std::string& assignment) {
    const Origin origin{"--set"};
    const size_t equals = assignment.find('=');
    if (equals == std::string::npos || equals == 0) {
      problems_.push_back({"", origin.source, "found " + toml_string(assignment), "KEY=VALUE"});
      return;
    }
    load_override(trimmed(assignment.substr(0, equals)), trimmed(assignment.substr(equals + 1)), origin);
  }

  void load_override(const std::string& key, const std::string& text, const Origin& origin) {
    const std::vector<std::string> parts = split_key(key);
    const KeyMatch match = look_up(loaded_.config, parts);
    switch (match.kind) {
      case KeyMatch::Kind::key:
        assign(*match.row, match.object, key, override_value(*match.row, text), origin, problems_);
        loaded_.given[key] = origin.source;
        break;
      case KeyMatch::Kind::section:
        problems_.push_back({key, origin.source, "found a section in place of a key", "one of the keys below " + key});
        break;
      case KeyMatch::Kind::unknown:
        problems_.push_back({key, origin.source, match.problem, match.allowed});
        break;
    }
  }

  // The doors with TLS open by themselves once they have a certificate.
  void open_tls_defaults() {
    open_with_certificate(ListenerType::ssl, "127.0.0.1:8883");
    open_with_certificate(ListenerType::wss, "127.0.0.1:8084");
  }

 private:
  static std::string key_of_variable(const std::string& name) {
    std::string key;
    for (size_t i = kEnvironmentPrefix.size(); i < name.size(); ++i) {
      if (name.compare(i, 2, "__") == 0) {
        key += '.';
        ++i;
      } else {
        key += static_cast<char>(std::tolower(static_cast<unsigned char>(name[i])));
      }
    }
    return key;
  }

  static std::string trimmed(const std::string& text) {
    const size_t begin = text.find_first_not_of(" \t");
    if (begin == std::string::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
  }

  void load_member(std::vector<std::string>& parts, const RawMember& member, const Origin& origin) {
    parts.push_back(member.name);
    const std::string key = join_key(parts);
    const KeyMatch match = look_up(loaded_.config, parts);
    switch (match.kind) {
      case KeyMatch::Kind::key:
        assign(*match.row, match.object, key, member.value, origin, problems_);
        loaded_.given[key] = origin.at(member.line);
        break;
      case KeyMatch::Kind::section:
        load_section(parts, key, member, origin);
        break;
      case KeyMatch::Kind::unknown:
        problems_.push_back({key, origin.at(member.line), match.problem, match.allowed});
        break;
    }
    parts.pop_back();
  }

  void load_section(std::vector<std::string>& parts, const std::string& key, const RawMember& member,
                    const Origin& origin) {
    if (member.value.kind != RawValue::Kind::table) {
      problems_.push_back({key, origin.at(member.line), "found a value in place of a section", "[" + key + "]"});
      return;
    }
    for (const RawMember& inner : member.value.members) load_member(parts, inner, origin);
  }

  void open_with_certificate(ListenerType type, const char* bind) {
    ListenerConfig& listener = listener_map(loaded_.config.listeners, type)["default"];
    const std::string key = "listeners." + std::string(listener_type_name(type)) + ".default.bind";
    if (!loaded_.is_given(key) && !listener.ssl.certfile.empty()) listener.bind = bind;
  }

  LoadedConfig& loaded_;
  std::vector<ConfigProblem>& problems_;
};

}  // namespace

std::string LoadedConfig::where(const std::string& key) const {
  const auto found = given.find(key);
  return found == given.end() ? "default" : found->second;
}

LoadedConfig load_config(const ConfigSources& sources, std::vector<ConfigProblem>& problems) {
  LoadedConfig loaded;
  Loader loader(loaded, problems);
  if (sources.file_text) loader.load_file(sources.file_name, *sources.file_text);
  if (sources.runtime_text) loader.load_file(sources.runtime_name, *sources.runtime_text);
  for (const auto& [name, text] : sources.environment) loader.load_variable(name, text);
  for (const std::string& assignment : sources.overrides) loader.load_set(assignment);
  if (sources.data_dir) loader.load_override("node.data_dir", *sources.data_dir, Origin{"--data"});
  loader.open_tls_defaults();
  loaded.sources = sources;
  return loaded;
}

}  // namespace patchbay::config

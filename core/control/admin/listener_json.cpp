#include "admin/listener_json.h"

#include <algorithm>

#include "admin/config_json.h"
#include "config/config_keys.h"
#include "config/did_you_mean.h"

namespace patchbay::admin {

namespace {

/// Members that say what a listener is or does; they may be sent back as they were read.
constexpr std::string_view kAnswered[] = {"id",     "type",       "name", "running", "bound", "current_connections",
                                          "status", "node_status"};

bool is_answered(std::string_view name) {
  return std::find(std::begin(kAnswered), std::end(kAnswered), name) != std::end(kAnswered);
}

Json& place_of(Json& json, std::string_view key) {
  const size_t dot = key.find('.');
  if (dot == std::string_view::npos) return json[std::string(key)];
  return place_of(json[std::string(key.substr(0, dot))], key.substr(dot + 1));
}

/// One merge: what it changes, and what is wrong.
struct ListenerMerge {
  ListenerView& listener;
  std::vector<config::ConfigProblem> problems;

  void merge(const std::string& key, const Json& value) {
    const std::string section = key + '.';
    bool is_section = false;
    for (const config::KeyRow& row : config::listener_keys()) {
      if (!config::has_key(listener.type, row)) continue;
      if (row.name == key) return set_config_key(row, &listener.config, key, value, problems);
      is_section = is_section || row.name.starts_with(section);
    }
    if (!is_section) return unknown(key);
    if (!value.is_object()) return problems.push_back({key, "the request", "found no object", "an object of keys"});
    for (const auto& [name, member] : value.items()) merge(section + name, member);
  }

  void unknown(const std::string& key) {
    std::vector<std::string> names;
    for (const config::KeyRow& row : config::listener_keys()) {
      if (config::has_key(listener.type, row)) names.emplace_back(row.name);
    }
    const auto nearest = config::did_you_mean(key, names);
    problems.push_back({key, "the request", "unknown key",
                        nearest ? "did you mean " + *nearest + "?" : "the keys that GET /listeners/{id} shows"});
  }
};

}  // namespace

Json listener_json(const ListenerView& listener) {
  Json json = {{"id", listener.id},       {"type", config::listener_type_name(listener.type)},
               {"name", listener.name},   {"running", listener.running},
               {"bound", listener.bound}, {"current_connections", listener.current_connections}};
  for (const config::KeyRow& row : config::listener_keys()) {
    if (config::has_key(listener.type, row)) place_of(json, row.name) = config_key_json(row, &listener.config);
  }
  json["enable"] = listener.enabled;
  return json;
}

Json listener_status_json(bool running, uint64_t maximum_connections, uint64_t connections) {
  return {{"running", running},
          {"max_connections", maximum_connections == 0 ? Json("infinity") : Json(maximum_connections)},
          {"current_connections", connections}};
}

Json listener_summary(const ListenerView& listener, const std::string& node_name) {
  const Json status =
      listener_status_json(listener.running, listener.config.max_connections, listener.current_connections);
  return {{"id", listener.id},
          {"type", config::listener_type_name(listener.type)},
          {"name", listener.name},
          {"enable", listener.enabled},
          {"number", 1},
          {"bind", listener.config.bind},
          {"bound", listener.bound},
          {"status", status},
          {"node_status", Json::array({{{"node", node_name}, {"status", status}}})}};
}

bool parse_listener_id(const std::string& id, ListenerView& listener) {
  const size_t colon = id.find(':');
  if (colon == std::string::npos || colon + 1 == id.size()) return false;
  for (const config::ListenerType type : config::kListenerTypes) {
    if (config::listener_type_name(type) != std::string_view(id).substr(0, colon)) continue;
    listener.type = type;
    listener.name = id.substr(colon + 1);
    listener.id = id;
    const auto fits = [](unsigned char c) {
      return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c == '-';
    };
    return listener.name.size() <= 64 && std::all_of(listener.name.begin(), listener.name.end(), fits);
  }
  return false;
}

std::vector<std::string> merge_listener(ListenerView& listener, const Json& body) {
  ListenerMerge merge{listener, {}};
  for (const auto& [name, value] : body.items()) {
    if (!is_answered(name)) merge.merge(name, value);
  }
  listener.enabled = listener.config.enable;
  std::vector<std::string> lines;
  for (const config::ConfigProblem& problem : merge.problems) lines.push_back(config::to_text(problem));
  return lines;
}

}  // namespace patchbay::admin

#include "admin/config_json.h"

#include <algorithm>
#include <type_traits>

#include "config/did_you_mean.h"
#include "config/raw_value.h"
#include "config/value_assign.h"

namespace patchbay::admin {

namespace {

using config::KeyRow;
using config::KeyType;

Json config_value_json(const KeyRow& row, void* object);

Json config_number_json(const KeyRow& row, uint64_t number) {
  if (row.type == KeyType::enumeration) return row.allowed[number];
  if (row.type == KeyType::size) return config::size_text(number);
  return number;
}

Json config_text_json(const KeyRow& row, const std::string& text) {
  if (row.secret) return text.empty() ? std::string() : std::string(kMaskedSecret);
  if (row.type != KeyType::json) return text;
  Json parsed = Json::parse(text, nullptr, false);
  return parsed.is_discarded() ? Json::object() : parsed;
}

Json config_tables_json(const KeyRow& row, const config::TableList& tables) {
  Json list = Json::array();
  for (size_t i = 0; i < tables.size(tables.list); ++i) {
    Json element = Json::object();
    for (const KeyRow& field : row.element())
      element[std::string(field.name)] = config_value_json(field, tables.at(tables.list, i));
    list.push_back(std::move(element));
  }
  return list;
}

Json config_value_json(const KeyRow& row, void* object) {
  return std::visit(
      [&row](auto field) -> Json {
        using Field = decltype(field);
        if constexpr (std::is_same_v<Field, config::TableList>) {
          return config_tables_json(row, field);
        } else if constexpr (std::is_same_v<Field, std::string*>) {
          return config_text_json(row, *field);
        } else if constexpr (std::is_integral_v<std::remove_pointer_t<Field>> && !std::is_same_v<Field, bool*>) {
          return config_number_json(row, *field);
        } else {
          return *field;
        }
      },
      row.field(object));
}

std::string_view root_of(std::string_view key) {
  return key.substr(0, key.find('.'));
}

/// The place in nested objects that a dotted name means.
Json& config_place(Json& json, std::string_view key) {
  Json* place = &json;
  for (size_t dot = key.find('.'); dot != std::string_view::npos; dot = key.find('.')) {
    place = &(*place)[std::string(key.substr(0, dot))];
    key.remove_prefix(dot + 1);
  }
  return (*place)[std::string(key)];
}

config::RawValue raw_of(const Json& json) {
  config::RawValue raw;
  raw.text = json.is_string() ? json.get<std::string>()
                              : json.dump(-1, ' ', false, Json::error_handler_t::replace).substr(0, 80);
  raw.kind = config::RawValue::Kind::other;
  if (json.is_string()) raw.kind = config::RawValue::Kind::string;
  if (json.is_boolean()) {
    raw.kind = config::RawValue::Kind::boolean;
    raw.boolean = json.get<bool>();
  }
  if (json.is_number_integer()) {
    // Beyond what an integer of a file can be: out of every key's range, and told as such.
    const bool beyond = json.is_number_unsigned() && json.get<uint64_t>() > static_cast<uint64_t>(INT64_MAX);
    raw.kind = config::RawValue::Kind::integer;
    raw.integer = beyond ? INT64_MAX : json.get<int64_t>();
  }
  if (json.is_number_float()) {
    raw.kind = config::RawValue::Kind::number;
    raw.number = json.get<double>();
  }
  if (json.is_array()) {
    raw.kind = config::RawValue::Kind::list;
    for (const Json& item : json) raw.items.push_back(raw_of(item));
  }
  if (json.is_object()) {
    raw.kind = config::RawValue::Kind::table;
    for (const auto& [name, value] : json.items()) raw.members.push_back({name, raw_of(value), 0});
  }
  return raw;
}

/// One merge: what it changes, and what is wrong.
struct ConfigMerge {
  config::Config& config;
  std::vector<config::ConfigProblem> problems;

  void unknown(const std::string& key) {
    std::vector<std::string> names;
    for (const KeyRow* row : config::root_keys()) names.emplace_back(row->name);
    const auto nearest = config::did_you_mean(key, names);
    const std::string root(root_of(key));
    const bool elsewhere = root == "listeners" || root == "plugin";
    problems.push_back(
        {key, "the request", nearest ? "unknown key; did you mean " + *nearest + "?" : "unknown key",
         elsewhere ? "listeners and plugins have endpoints of their own" : "the keys that GET /configs shows"});
  }

  void set(const KeyRow& row, const std::string& key, const Json& value) {
    if (row.secret && value == kMaskedSecret) return;
    config::assign(row, &config, key, raw_of(value), {"the request", false}, problems);
  }

  void merge(const std::string& key, const Json& value) {
    const std::string section = key + '.';
    bool is_section = false;
    for (const KeyRow* row : config::root_keys()) {
      if (row->name == key) return set(*row, key, value);
      is_section = is_section || row->name.starts_with(section);
    }
    if (!is_section) return unknown(key);
    if (!value.is_object()) {
      problems.push_back({key, "the request", "found " + raw_of(value).text, "an object of keys"});
      return;
    }
    for (const auto& [name, member] : value.items()) merge(section + name, member);
  }
};

}  // namespace

std::vector<std::string> config_roots() {
  std::vector<std::string> roots;
  for (const KeyRow* row : config::root_keys()) {
    const std::string root(root_of(row->name));
    if (std::find(roots.begin(), roots.end(), root) == roots.end()) roots.push_back(root);
  }
  return roots;
}

bool is_config_root(std::string_view name) {
  const std::vector<std::string> roots = config_roots();
  return std::find(roots.begin(), roots.end(), name) != roots.end();
}

Json config_json(const config::Config& config) {
  config::Config copy = config;  // the table's fields are those of an object that may change
  Json json = Json::object();
  for (const KeyRow* row : config::root_keys()) config_place(json, row->name) = config_value_json(*row, &copy);
  return json;
}

Json config_root_json(const config::Config& config, const std::string& root) {
  return config_json(config).at(root);
}

std::string config_toml(const config::Config& config, const std::string& root) {
  std::string text;
  for (const KeyRow* row : config::root_keys()) {
    if (root.empty() || root_of(row->name) == root)
      text += std::string(row->name) + " = " + config::value_text(*row, &config) + '\n';
  }
  return text;
}

std::vector<std::string> merge_config(config::Config& config, const Json& changes) {
  ConfigMerge merge{config, {}};
  for (const auto& [name, value] : changes.items()) merge.merge(name, value);
  std::vector<std::string> lines;
  for (const config::ConfigProblem& problem : merge.problems) lines.push_back(config::to_text(problem));
  return lines;
}

Json config_key_json(const KeyRow& row, const void* object) {
  return config_value_json(row, const_cast<void*>(object));  // only looked at
}

void set_config_key(const KeyRow& row, void* object, const std::string& key, const Json& value,
                    std::vector<config::ConfigProblem>& problems) {
  if (row.secret && value == kMaskedSecret) return;
  config::assign(row, object, key, raw_of(value), {"the request", false}, problems);
}

bool reset_config(config::Config& config, const std::string& key) {
  const std::string section = key + '.';
  Json defaults = Json::object();
  bool found = false;
  config::Config initial;
  for (const KeyRow* row : config::root_keys()) {
    if (row->name != key && !row->name.starts_with(section)) continue;
    found = true;
    if (row->secret) {
      *std::get<std::string*>(row->field(&config)) = *std::get<std::string*>(row->field(&initial));
    } else {
      config_place(defaults, row->name) = config_value_json(*row, &initial);
    }
  }
  // Defaults may be less than what a key takes from outside ("" for "none"): those are left out of the checks.
  static_cast<void>(merge_config(config, defaults));
  return found;
}

}  // namespace patchbay::admin

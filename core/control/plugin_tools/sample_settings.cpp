#include "plugin_tools/sample_settings.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace patchbay::plugin_tools {

namespace {

using nlohmann::json;

constexpr int kDepthMax = 16;

json sample(const json& root, const json& node, uint32_t variant, int depth);

std::string sample_text(const json& node, uint32_t variant) {
  const std::string format = node.value("format", std::string());
  if (format == "duration") return variant == 0 ? "1s" : "2s";
  if (format == "uri") return variant == 0 ? "http://127.0.0.1:9/" : "http://127.0.0.1:19/";
  if (format == "hostname") return "localhost";
  if (format == "ipv4") return "127.0.0.1";
  if (format == "ipv6") return "::1";
  if (format == "email") return "someone@example.org";
  std::string text = variant == 0 ? "sample" : "other";
  const size_t least = node.value("minLength", size_t{0});
  const size_t most = node.value("maxLength", std::max(least, text.size()));
  text.resize(std::clamp(text.size(), least, most), 'x');
  return text;
}

json sample_number(const json& node, uint32_t variant, bool whole) {
  const double least = node.contains("minimum")            ? node["minimum"].get<double>()
                       : node.contains("exclusiveMinimum") ? node["exclusiveMinimum"].get<double>() + 1
                                                           : 0.0;
  const double most = node.contains("maximum")            ? node["maximum"].get<double>()
                      : node.contains("exclusiveMaximum") ? node["exclusiveMaximum"].get<double>() - 1
                                                          : least + 1;
  const double value = std::clamp(least + variant, std::min(least, most), most);
  return whole ? json(static_cast<int64_t>(value)) : json(value);
}

json sample_object(const json& root, const json& node, uint32_t variant, int depth) {
  json object = json::object();
  const json required = node.value("required", json::array());
  const json properties = node.value("properties", json::object());
  for (const auto& [name, property] : properties.items()) {
    const bool needed = std::find(required.begin(), required.end(), name) != required.end();
    if (needed || variant != 0) object[name] = sample(root, property, variant, depth + 1);
  }
  return object;
}

json sample_array(const json& root, const json& node, uint32_t variant, int depth) {
  json array = json::array();
  const size_t least = node.value("minItems", size_t{0});
  for (size_t index = 0; index < least && node.contains("items"); ++index) {
    array.push_back(sample(root, node["items"], static_cast<uint32_t>(variant + index), depth + 1));
  }
  return array;
}

const json& resolved(const json& root, const json& node) {
  if (!node.contains("$ref")) return node;
  const std::string pointer = node["$ref"].get<std::string>();
  return pointer.starts_with('#') ? root.at(json::json_pointer(pointer.substr(1))) : node;
}

json sample(const json& root, const json& unresolved, uint32_t variant, int depth) {
  const json& node = resolved(root, unresolved);
  if (depth > kDepthMax) return nullptr;
  if (node.contains("const")) return node["const"];
  if (node.contains("enum")) return node["enum"][variant % node["enum"].size()];
  if (node.contains("oneOf")) return sample(root, node["oneOf"][variant % node["oneOf"].size()], variant, depth + 1);
  const std::string type = node.value("type", node.contains("properties") ? "object" : "string");
  if (type == "boolean" && variant != 0) return !node.value("default", false);
  if (node.contains("default") && (variant == 0 || type == "string")) return node["default"];
  if (type == "object") return sample_object(root, node, variant, depth);
  if (type == "array") return sample_array(root, node, variant, depth);
  if (type == "integer" || type == "number") return sample_number(node, variant, type == "integer");
  if (type == "boolean") return false;
  return sample_text(node, variant);
}

}  // namespace

std::optional<std::string> sample_settings(const package::SettingsSchema& schema, uint32_t variant) {
  json settings = sample(schema.schema_json(), schema.schema_json(), variant, 0);
  if (!settings.is_object()) settings = json::object();
  settings = schema.with_defaults(std::move(settings));
  if (!schema.check(settings).empty()) return std::nullopt;
  return settings.dump();
}

}  // namespace patchbay::plugin_tools

#include "package/settings_schema.h"

#include <nlohmann/json.hpp>

#include "package/json_text.h"
#include "package/schema_compiler.h"
#include "package/schema_node.h"
#include "package/schema_subset.h"
#include "package/settings_changes.h"
#include "package/settings_check.h"
#include "package/settings_walk.h"

namespace patchbay::package {

using nlohmann::json;

namespace {

constexpr JsonLimits kSchemaLimits{size_t{1} << 20, 32};

/// A default must fit what it is the default of, or the first form that shows it is wrong from the start.
Problems check_defaults(const json& root) {
  Problems problems;
  SchemaCompiler compiler(root);
  for_each_schema(root, "", [&](const std::string& pointer, const json& node) {
    const auto initial = node.find("default");
    if (initial == node.end()) return;
    const std::string here = pointer_to(pointer, "default");
    const SchemaNode place(root, node);
    if (place.flag("x-secret") && *initial != "") {
      problems.push_back({here, "a secret has no default: everybody who has the plugin would know it"});
      return;
    }
    json filled = *initial;
    fill_defaults(place, filled);
    for (const Problem& problem : check_place(compiler.place_of(node), filled)) {
      problems.push_back({here + problem.pointer, "the default does not fit: " + problem.text});
    }
  });
  return problems;
}

}  // namespace

base::Result<SettingsSchema, Problems> SettingsSchema::parse(std::string_view text) {
  if (text.empty()) return from_json({{"type", "object"}});
  auto schema = parse_json(text, "the schema", kSchemaLimits);
  if (!schema) return base::fail(Problems{schema.error()});
  return from_json(std::move(*schema));
}

base::Result<SettingsSchema, Problems> SettingsSchema::from_json(json schema) {
  Problems problems = check_schema_subset(schema);
  if (problems.empty()) problems = check_defaults(schema);
  if (!problems.empty()) return base::fail(std::move(problems));
  return SettingsSchema(std::make_shared<const json>(std::move(schema)));
}

Problems SettingsSchema::check(const json& settings, References references) const {
  return check_settings(*root_, settings, references, false);
}

json SettingsSchema::with_defaults(json settings) const {
  fill_defaults(SchemaNode(*root_, *root_), settings);
  return settings;
}

json SettingsSchema::masked(json settings) const {
  mask_secrets(SchemaNode(*root_, *root_), settings);
  return settings;
}

base::Result<json, Problems> SettingsSchema::unmasked(json changed, const json& current) const {
  Problems problems;
  restore_secrets(SchemaNode(*root_, *root_), changed, &current, "", problems);
  if (!problems.empty()) return base::fail(std::move(problems));
  return changed;
}

std::vector<std::string> SettingsSchema::restart_pointers(const json& before, const json& after) const {
  std::vector<std::string> pointers;
  const json filled_before = with_defaults(before);
  const json filled_after = with_defaults(after);
  add_restart_pointers(SchemaNode(*root_, *root_), &filled_before, &filled_after, "", pointers);
  return pointers;
}

std::vector<std::string> SettingsSchema::secret_pointers(const json& settings) const {
  std::vector<std::string> pointers;
  json copy = settings;
  for_each_secret(SchemaNode(*root_, *root_), copy, "",
                  [&](const std::string& pointer, json&) { pointers.push_back(pointer); });
  return pointers;
}

}  // namespace patchbay::package

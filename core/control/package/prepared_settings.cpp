#include "package/prepared_settings.h"

#include <nlohmann/json.hpp>

#include "package/json_text.h"
#include "package/settings_check.h"

namespace patchbay::package {

namespace {

using nlohmann::json;

constexpr JsonLimits kSettingsLimits{size_t{1} << 20, 32};

/// Resolves the references in all strings of the value.
void resolve_all(json& value, const std::string& pointer, const SecretSources& sources, Problems& problems) {
  if (value.is_string()) {
    auto resolved = resolve_references(value.get_ref<const std::string&>(), sources);
    if (resolved) {
      value = std::move(*resolved);
    } else {
      problems.push_back({pointer, resolved.error()});
    }
  } else if (value.is_object()) {
    for (const auto& [name, inner] : value.items()) resolve_all(inner, pointer_to(pointer, name), sources, problems);
  } else if (value.is_array()) {
    for (size_t index = 0; index < value.size(); ++index) {
      resolve_all(value[index], pointer_to(pointer, index), sources, problems);
    }
  }
}

/// Overwrites every string of the value before its memory goes.
void wipe_strings(json& value) {
  if (value.is_string()) wipe(value.get_ref<std::string&>());
  if (value.is_structured()) {
    for (json& inner : value) wipe_strings(inner);
  }
}

/// The settings as the plugin gets them, or what is wrong with the values that references led to.
base::Result<SecretText, Problems> resolve(const SettingsSchema& schema, json settings, const SecretSources& sources) {
  Problems problems;
  resolve_all(settings, "", sources, problems);
  if (problems.empty()) {
    problems = check_settings(schema.schema_json(), settings, SettingsSchema::References::plain, true);
  }
  SecretText text(problems.empty() ? settings.dump(-1, ' ', false, json::error_handler_t::replace) : std::string());
  wipe_strings(settings);
  if (!problems.empty()) return base::fail(std::move(problems));
  return text;
}

}  // namespace

base::Result<PreparedSettings, Problems> prepare_settings(const SettingsSchema& schema, std::string_view text,
                                                          const SecretSources& sources) {
  auto parsed = parse_json(text.empty() ? "{}" : text, "the settings document", kSettingsLimits);
  if (!parsed) return base::fail(Problems{parsed.error()});
  const json filled = schema.with_defaults(*parsed);
  Problems problems = schema.check(filled);
  if (!problems.empty()) return base::fail(std::move(problems));
  auto effective = resolve(schema, filled, sources);
  if (!effective) return base::fail(effective.error());
  PreparedSettings prepared;
  prepared.stored = parsed->dump();
  prepared.shown = schema.masked(filled).dump();
  prepared.effective = std::move(*effective);
  return prepared;
}

}  // namespace patchbay::package

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "package/settings_schema.h"

namespace patchbay::plugin_tools {

/// Settings that `schema` accepts, made from its defaults, constants and limits: what the validator starts a plugin
/// with when nobody gave it any. `variant` 1 differs from 0 wherever the schema leaves room, for a second instance.
/// Nothing when none could be made (patterns are not solved). JSON text. [any-thread]
[[nodiscard]] std::optional<std::string> sample_settings(const package::SettingsSchema& schema, uint32_t variant);

}  // namespace patchbay::plugin_tools

#pragma once

#include <string_view>

#include "package/settings_schema.h"

namespace patchbay::package {

/// plugin-sdk/schema/manifest.schema.json as it was when the broker was built. [any-thread]
[[nodiscard]] std::string_view manifest_schema_text();

/// The same, parsed. [any-thread]
[[nodiscard]] const SettingsSchema& manifest_schema();

}  // namespace patchbay::package

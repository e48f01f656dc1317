#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "package/problem.h"
#include "package/secret_source.h"
#include "package/settings_schema.h"

namespace patchbay::package {

/// Settings on their way into a plugin.
struct PreparedSettings {
  std::string stored;    ///< what the operator wrote, compact JSON with references as written: for SettingsStore
  std::string shown;     ///< with defaults, secrets masked: for REST and logs
  SecretText effective;  ///< with defaults, references resolved: what plugin->check and plugin->configure receive
};

/// The steps before the plugin is asked: parse, fill defaults, check, resolve references, check what they resolved to.
/// `text` "" counts as `{}`. All problems at once; none of them holds a secret. [control], reads files.
[[nodiscard]] base::Result<PreparedSettings, Problems> prepare_settings(const SettingsSchema& schema,
                                                                        std::string_view text,
                                                                        const SecretSources& sources);

}  // namespace patchbay::package

#pragma once

#include <filesystem>
#include <string>

#include "config/plugin_config.h"

namespace patchbay::plugin_host {

/// Where the file of an instance is looked for: as named, in the folders of plugins, in `installed_dir`. [control]
[[nodiscard]] std::filesystem::path plugin_file(const config::PluginsConfig& plugins,
                                                const config::PluginConfig& instance, const std::string& name,
                                                const std::filesystem::path& installed_dir = {});

}  // namespace patchbay::plugin_host

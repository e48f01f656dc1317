#include "plugin_host/plugin_path.h"

#include <system_error>
#include <vector>

namespace patchbay::plugin_host {

std::filesystem::path plugin_file(const config::PluginsConfig& plugins, const config::PluginConfig& instance,
                                  const std::string& name, const std::filesystem::path& installed_dir) {
  const std::filesystem::path named = instance.file.empty() ? name + ".so" : instance.file;
  if (named.is_absolute()) return named;
  std::vector<std::filesystem::path> folders{plugins.dir};
  folders.insert(folders.end(), plugins.dirs.begin(), plugins.dirs.end());
  if (!installed_dir.empty()) folders.push_back(installed_dir);
  std::error_code error;
  for (const std::filesystem::path& folder : folders) {
    if (std::filesystem::exists(folder / named, error)) return folder / named;
  }
  return folders.front() / named;
}

}  // namespace patchbay::plugin_host

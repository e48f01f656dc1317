#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/config.h"
#include "config/config_problem.h"

namespace patchbay::config {

/// Everything that a configuration is made of, as text. Later ones win: file, what was changed at run time,
/// environment, --set, --data.
struct ConfigSources {
  std::string file_name;  ///< as problems show it
  std::optional<std::string> file_text;
  std::string runtime_name;                                      ///< of the file with what was changed at run time
  std::optional<std::string> runtime_text;                       ///< see runtime_changes.h
  std::vector<std::pair<std::string, std::string>> environment;  ///< variables; those of others are ignored
  std::vector<std::string> overrides;                            ///< "key=value" of each --set
  std::optional<std::string> data_dir;                           ///< of --data
};

struct LoadedConfig {
  Config config;
  std::map<std::string, std::string> given;  ///< key → where it was given last
  ConfigSources sources;                     ///< that it was loaded from

  [[nodiscard]] bool is_given(const std::string& key) const { return given.count(key) != 0; }
  /// "patchbay.toml:12", or "default".
  [[nodiscard]] std::string where(const std::string& key) const;
};

/// The file of the data directory in which changes at run time are kept.
inline constexpr const char* kRuntimeFile = "runtime-config.toml";

/// Fills a Config from the sources by the table of keys. Pure. What is wrong is added to `problems`, the rest is loaded
/// all the same, so that the rules across fields can be checked and everything is reported at once.
[[nodiscard]] LoadedConfig load_config(const ConfigSources& sources, std::vector<ConfigProblem>& problems);

}  // namespace patchbay::config

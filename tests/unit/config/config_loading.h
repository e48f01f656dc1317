#pragma once

#include <string>
#include <utility>
#include <vector>

#include "config/config_check.h"
#include "config/config_loader.h"

/// Loads texts as the broker does, without files and without this process's environment.
namespace patchbay::config::testing {

struct Loaded {
  LoadedConfig loaded;
  std::vector<ConfigProblem> problems;

  [[nodiscard]] const Config& config() const { return loaded.config; }
  /// The problem of a key; an empty one if it has none.
  [[nodiscard]] ConfigProblem problem_of(const std::string& key) const {
    for (const ConfigProblem& problem : problems) {
      if (problem.key == key) return problem;
    }
    return {};
  }
};

inline Loaded load(const ConfigSources& sources) {
  Loaded result;
  result.loaded = load_config(sources, result.problems);
  return result;
}

inline Loaded load_text(const std::string& text) {
  ConfigSources sources;
  sources.file_name = "patchbay.toml";
  sources.file_text = text;
  return load(sources);
}

inline Loaded load_sets(std::vector<std::string> overrides) {
  ConfigSources sources;
  sources.overrides = std::move(overrides);
  return load(sources);
}

inline Loaded load_environment(std::vector<std::pair<std::string, std::string>> environment) {
  ConfigSources sources;
  sources.environment = std::move(environment);
  return load(sources);
}

/// Loads and applies the rules across fields; every file is readable but those named "missing…".
inline Loaded check_text(const std::string& text, bool has_authenticator = false) {
  Loaded result = load_text(text);
  CheckContext context;
  context.has_authenticator = has_authenticator;
  context.can_read = [](const std::string& path) { return path.compare(0, 7, "missing") != 0; };
  check_config(result.loaded, context, result.problems);
  return result;
}

}  // namespace patchbay::config::testing

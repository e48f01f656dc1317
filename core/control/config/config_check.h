#pragma once

#include <functional>
#include <string>
#include <vector>

#include "config/config_loader.h"
#include "config/config_problem.h"

namespace patchbay::config {

/// What the rules have to know of the world outside the configuration.
struct CheckContext {
  /// An authenticator decides who may connect, so that anonymous clients are not the only kind.
  bool has_authenticator = false;
  /// Whether the process can read the file.
  std::function<bool(const std::string& path)> can_read;
};

/// Checks the rules that concern more than one key, or the world outside. Adds to `problems`.
void check_config(const LoadedConfig& loaded, const CheckContext& context, std::vector<ConfigProblem>& problems);

/// The part of it about listeners: binds, certificates, who may connect.
void check_listeners(const LoadedConfig& loaded, const CheckContext& context, std::vector<ConfigProblem>& problems);

/// The part of it about plugins: names, places, hashes.
void check_plugins(const LoadedConfig& loaded, std::vector<ConfigProblem>& problems);

}  // namespace patchbay::config

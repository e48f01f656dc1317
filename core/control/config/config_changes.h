#pragma once

#include <string>
#include <vector>

#include "config/config_keys.h"

namespace patchbay::config {

struct ConfigChange {
  std::string key;
  std::string before;  ///< as value_text: secrets are hidden
  std::string after;
  Reload reload = Reload::restart;
};

/// Keys whose values differ, in the order of the table: what a reload applies, and what it has to leave for a restart.
/// A listener that came or went is one change, "listeners.tcp.extra".
[[nodiscard]] std::vector<ConfigChange> changes_between(const Config& before, const Config& after);

}  // namespace patchbay::config

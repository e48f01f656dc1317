#pragma once

#include <string>
#include <vector>

namespace patchbay::config {

/// One thing that is wrong with the configuration. All of them are collected before anything is reported.
struct ConfigProblem {
  std::string key;      ///< "mqtt.max_inflight"; "": the source as a whole
  std::string where;    ///< "patchbay.toml:12", "--set", "environment PATCHBAY_MQTT__MAX_INFLIGHT", "default"
  std::string found;    ///< what stands there; never a secret
  std::string allowed;  ///< what may stand there, or what to do

  bool operator==(const ConfigProblem&) const = default;
};

/// "patchbay.toml:12: mqtt.max_inflight: found 0; allowed: integer, 1 to 65535"
[[nodiscard]] std::string to_text(const ConfigProblem& problem);
/// One line for each, and a count.
[[nodiscard]] std::string to_text(const std::vector<ConfigProblem>& problems);

}  // namespace patchbay::config

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "admin/json.h"
#include "config/config.h"
#include "config/config_keys.h"
#include "config/config_problem.h"

/// The configuration as JSON, by the table of keys: what a file nests, this nests; sizes are "64KiB"; secrets that are
/// set are "******". [any-thread]
namespace patchbay::admin {

/// What stands in place of a secret; who sends it back leaves the secret as it is.
inline constexpr std::string_view kMaskedSecret = "******";

/// The first parts of all keys, listeners and plugins' instances apart: "mqtt", "log", ...
[[nodiscard]] std::vector<std::string> config_roots();
[[nodiscard]] bool is_config_root(std::string_view name);

/// All keys: {"mqtt": {...}, ...}.
[[nodiscard]] Json config_json(const config::Config& config);
/// Those of one root; a list of tables where the root is one.
[[nodiscard]] Json config_root_json(const config::Config& config, const std::string& root);
/// The same as a configuration file would have it: a line for each key. Root "": all.
[[nodiscard]] std::string config_toml(const config::Config& config, const std::string& root);

/// Sets what `changes`, nested as config_json() has it, names. Returns what is wrong, a line each, naming the key and
/// what is allowed; the rest is set all the same.
[[nodiscard]] std::vector<std::string> merge_config(config::Config& config, const Json& changes);
/// One key of any object of the configuration, a listener for one.
[[nodiscard]] Json config_key_json(const config::KeyRow& row, const void* object);
/// Sets it; a masked secret leaves it as it is. What is wrong is added to `problems`.
void set_config_key(const config::KeyRow& row, void* object, const std::string& key, const Json& value,
                    std::vector<config::ConfigProblem>& problems);
/// Sets keys back to their defaults: all of a root, or one key or section ("mqtt.max_inflight"). False: there is none.
[[nodiscard]] bool reset_config(config::Config& config, const std::string& key);

}  // namespace patchbay::admin

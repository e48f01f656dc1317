#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/counters.h"
#include "config/config_keys.h"

/// What is known of the limits beside their keys. [any-thread], constant.
namespace patchbay::admin {

struct LimitFacts {
  std::string_view key;                           ///< as in the configuration: "mqtt.max_mqueue_len"
  std::string_view action;                        ///< what happens when it is reached
  std::optional<base::Counter> reached = {};      ///< counts how often that was; one counter may be of several limits
  std::optional<base::Counter> current_use = {};  ///< how much of it is used on this node now
};

/// Those of the node; keys that are missing here have their help text only.
[[nodiscard]] std::span<const LimitFacts> limit_facts();
/// Null: nothing is known.
[[nodiscard]] const LimitFacts* find_limit_facts(std::string_view key);
/// Whether the key bounds something: numbers and sizes whose names say so.
[[nodiscard]] bool is_limit_key(const config::KeyRow& row);

}  // namespace patchbay::admin

#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/config_keys.h"

namespace patchbay::config {

/// What a dotted name stands for.
struct KeyMatch {
  enum class Kind : uint8_t { key, section, unknown };

  Kind kind = Kind::unknown;
  const KeyRow* row = nullptr;  ///< of a key
  void* object = nullptr;       ///< of a key: what `row->field` takes
  std::string problem;          ///< of an unknown name: why, and what may have been meant
  std::string allowed;
};

/// Looks the parts of a dotted name up. A key or section of a listener that is not there yet creates the listener.
[[nodiscard]] KeyMatch look_up(Config& config, std::span<const std::string> parts);

/// "mqtt.max_inflight" → its parts; empty parts are kept, and match nothing.
[[nodiscard]] std::vector<std::string> split_key(std::string_view key);
[[nodiscard]] std::string join_key(std::span<const std::string> parts);

/// The row of a key such as "mqtt.max_inflight" or, for any listener, "listeners.tcp.default.bind"; null if there is
/// none.
[[nodiscard]] const KeyRow* find_row(std::string_view key);

}  // namespace patchbay::config

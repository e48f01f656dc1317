#pragma once

#include <cstdint>
#include <string>

#include "config/config.h"

namespace patchbay::config {

/// The reference page of all keys, in Markdown: REFERENCE.md beside this file is its copy.
[[nodiscard]] std::string reference_markdown();

/// What the process may use, for the limits that are derived from it.
struct ProcessLimits {
  uint64_t open_files = 0;
  uint32_t cores = 1;
};

/// node.max_connections, or 90 % of the descriptors less 64 for the broker's own files; at least 1.
[[nodiscard]] uint32_t effective_max_connections(const Config& config, const ProcessLimits& process);
/// node.shards, or one for each core.
[[nodiscard]] uint32_t effective_shards(const Config& config, const ProcessLimits& process);

/// Every limit in effect as `key = value` lines, for `--print-limits`.
[[nodiscard]] std::string limits_text(const Config& config, const ProcessLimits& process);

}  // namespace patchbay::config

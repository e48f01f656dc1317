#pragma once

#include <re2/re2.h>

namespace patchbay::operations {

/// How the regular expressions of bans are compiled: silent, and small enough that nobody can fill the memory.
[[nodiscard]] inline RE2::Options pattern_options() {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(1 << 20);
  return options;
}

}  // namespace patchbay::operations

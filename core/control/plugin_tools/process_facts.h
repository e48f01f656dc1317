#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace patchbay::plugin_tools {

/// What this process has just now; compared before and after, it shows what a plugin left behind. [control]
struct ProcessFacts {
  size_t threads = 0;
  size_t descriptors = 0;
  uint64_t resident_bytes = 0;

  [[nodiscard]] static ProcessFacts now();
};

/// Whether some part of the file is mapped into this process.
[[nodiscard]] bool is_mapped(const std::string& file);

}  // namespace patchbay::plugin_tools

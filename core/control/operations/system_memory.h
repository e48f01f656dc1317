#pragma once

#include <cstdint>

namespace patchbay::operations {

/// The machine's memory, and the broker's share of it. Zeros where the system does not tell. [any-thread], reads /proc.
struct SystemMemory {
  uint64_t total_bytes = 0;
  uint64_t available_bytes = 0;
  uint64_t process_bytes = 0;  ///< resident

  [[nodiscard]] static SystemMemory now();
};

}  // namespace patchbay::operations

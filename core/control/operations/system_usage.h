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

/// What the machine's processors have done since it started, in the system's ticks. [any-thread], reads /proc.
struct SystemCpu {
  uint64_t busy = 0;
  uint64_t idle = 0;

  [[nodiscard]] static SystemCpu now();
  /// 0 when nothing has passed.
  [[nodiscard]] double use_percent_since(const SystemCpu& before) const;
};

}  // namespace patchbay::operations

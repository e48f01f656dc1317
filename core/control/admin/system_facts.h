#pragma once

#include <cstdint>
#include <string>

namespace patchbay::admin {

/// What the system says about this process and this machine; 0 where it does not say. [any-thread], reads /proc
struct SystemFacts {
  double load1 = 0;
  double load5 = 0;
  double load15 = 0;
  uint64_t memory_total_bytes = 0;  ///< of the machine
  uint64_t memory_used_bytes = 0;   ///< of this process
  uint64_t max_fds = 0;
  uint64_t threads = 0;
};

[[nodiscard]] SystemFacts system_facts();

/// "512.00M", as EMQX writes sizes of memory.
[[nodiscard]] std::string memory_text(uint64_t bytes);

}  // namespace patchbay::admin

#pragma once

#include <cstdint>

namespace patchbay::access {

/// How much one connection may send, where that differs from what the configuration says. 0: as configured.
struct ConnectionAllowance {
  uint64_t bytes_per_s = 0;     ///< reading pauses above it
  uint64_t messages_per_s = 0;  ///< PUBLISH packets, or what another protocol counts as messages
  uint32_t maximum_packet_size = 0;

  [[nodiscard]] bool limits_rate() const { return bytes_per_s != 0 || messages_per_s != 0; }
};

}  // namespace patchbay::access

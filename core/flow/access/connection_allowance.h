#pragma once

#include <cstdint>

namespace patchbay::access {

/// How much one connection may send, where that differs from what the configuration says. 0: as configured.
struct ConnectionAllowance {
  uint64_t bytes_per_s = 0;     ///< reading pauses above it
  uint64_t messages_per_s = 0;  ///< PUBLISH packets, or what another protocol counts as messages
  uint32_t maximum_packet_size = 0;

  [[nodiscard]] bool is_set() const { return limits_rate() || maximum_packet_size != 0; }
  [[nodiscard]] bool limits_rate() const { return bytes_per_s != 0 || messages_per_s != 0; }
};

/// Takes over what `change` says.
inline void merge_allowance(ConnectionAllowance& into, const ConnectionAllowance& change) {
  if (change.bytes_per_s != 0) into.bytes_per_s = change.bytes_per_s;
  if (change.messages_per_s != 0) into.messages_per_s = change.messages_per_s;
  if (change.maximum_packet_size != 0) into.maximum_packet_size = change.maximum_packet_size;
}

}  // namespace patchbay::access

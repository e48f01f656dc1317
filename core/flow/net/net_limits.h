#pragma once

#include <cstddef>
#include <cstdint>

namespace patchbay::net {

/// Named limits of listeners and transports. Constant once the shards run.
struct NetLimits {
  uint64_t max_connections = 0;    ///< node.max_connections; 0: 90 % of the process's descriptor limit less 64
  uint32_t accepts_per_turn = 64;  ///< by one listener on one shard
  uint32_t accept_retry_ms = 100;  ///< pause after the process ran out of descriptors
  size_t websocket_header_limit = 8 * 1024;  ///< bytes of the HTTP request
  size_t proxy_header_limit = 2048;          ///< bytes of a PROXY header, its extensions included
};

}  // namespace patchbay::net

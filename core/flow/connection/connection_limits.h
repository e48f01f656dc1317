#pragma once

#include <cstddef>
#include <cstdint>

namespace patchbay::connection {

/// Named limits of a connection; the configuration's `connection.*` keys. Constant once the shards run.
struct ConnectionLimits {
  size_t read_buffer = 64 * 1024;               ///< bytes; one for each shard, not for each connection
  uint32_t reads_per_turn = 4;                  ///< reads of one connection before others have their turn
  size_t write_high_water = 64 * 1024;          ///< bytes waiting from which writable() is false
  size_t write_hard_limit = 1024 * 1024;        ///< bytes waiting from which a connection is closed as a slow consumer
  uint32_t send_timeout_s = 15;                 ///< without progress while output waits: closed as a slow consumer
  uint32_t linger_ms = 2000;                    ///< for the last bytes to leave, then for the peer to end its side
  size_t linger_bytes = 16 * 1024 * 1024;       ///< thrown away while waiting for the peer to end its side
  uint32_t linger_connections = 1024;           ///< of this shard that wait for it at once; further ones are closed
  size_t unread_limit = 256 * 1024 * 1024 + 5;  ///< bytes kept of one incomplete packet, whatever the machine asks for
  uint32_t flush_rounds_per_turn = 4;           ///< how often on_writable() may refill a connection within one turn
  uint32_t detect_timeout_ms = 5000;            ///< how long conn.detect may wait for first bytes: then it is MQTT
  size_t detect_bytes = 512;                    ///< bytes from which conn.detect has to decide
  uint32_t kicks_per_turn = 256;                ///< connections told to leave in one turn of a shutdown
};

}  // namespace patchbay::connection

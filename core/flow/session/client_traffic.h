#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

/// What one client has sent and got, for who looks at it (`GET /clients`). Plain numbers of the client's home shard: a
/// packet costs one addition, and each read and write two. [shard]
namespace patchbay::session {

/// MQTT packets of one connection, from its CONNECT on. Part of every connection, idle ones too, and therefore small:
/// modulo 2^32.
struct PacketTraffic {
  uint32_t received = 0;
  uint32_t sent = 0;
};

/// What went over one connection, without what TLS, WebSocket and TCP add.
struct TransferTraffic {
  uint64_t received_bytes = 0;
  uint64_t sent_bytes = 0;
  uint32_t reads = 0;   ///< that brought something, each as much as there was: what EMQX calls TCP packets; modulo 2^32
  uint32_t writes = 0;  ///< likewise
};

/// Of a session, since its last connection began. Made with the first message: idle clients have none.
struct MessageTraffic {
  std::array<uint64_t, 3> received{};  ///< by QoS
  std::array<uint64_t, 3> sent{};
  uint32_t dropped = 0;  ///< on the way to the client, all reasons together; modulo 2^32 as the three that follow
  uint32_t dropped_expired = 0;
  uint32_t dropped_queue_full = 0;
  uint32_t dropped_too_large = 0;
  uint32_t received_dropped = 0;  ///< QoS 2, whose PUBREL did not come in time; modulo 2^32
};

}  // namespace patchbay::session

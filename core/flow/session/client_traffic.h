#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

/// What one client has sent and got, for who looks at it (`GET /clients`). Plain numbers of the client's home shard: a
/// packet costs two additions. [shard]
namespace patchbay::session {

/// Of one connection, from its CONNECT on. Part of every connection, idle ones too, and therefore small: packets are
/// counted modulo 2^32.
struct PacketTraffic {
  uint64_t received_bytes = 0;  ///< of whole MQTT packets; TLS, WebSocket and TCP are not in it
  uint64_t sent_bytes = 0;
  uint32_t received_packets = 0;
  uint32_t sent_packets = 0;

  void received(size_t bytes) {
    received_bytes += bytes;
    ++received_packets;
  }
  void sent(size_t bytes) {
    sent_bytes += bytes;
    ++sent_packets;
  }
};

/// Of a session, since its last connection began. Made with the first message: idle clients have none.
struct MessageTraffic {
  std::array<uint64_t, 3> received{};  ///< by QoS
  std::array<uint64_t, 3> sent{};
  uint32_t dropped = 0;  ///< on the way to the client, all reasons together; modulo 2^32 as the three that follow
  uint32_t dropped_expired = 0;
  uint32_t dropped_queue_full = 0;
  uint32_t dropped_too_large = 0;
};

}  // namespace patchbay::session

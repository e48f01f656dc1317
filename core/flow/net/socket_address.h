#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "session/peer_info.h"

namespace patchbay::net {

/// An address to bind, as the configuration writes it. [any-thread]
struct SocketAddress {
  sockaddr_storage storage = {};
  socklen_t size = 0;
  bool any = false;  ///< ":port": every address of both families

  [[nodiscard]] int family() const { return storage.ss_family; }
  [[nodiscard]] uint16_t port() const;
  void set_port(uint16_t port);
  [[nodiscard]] bool loopback() const;
  /// "127.0.0.1:1883", "[::1]:1883".
  [[nodiscard]] std::string text() const;
};

/// "127.0.0.1:1883", "[::1]:1883", "0.0.0.0:1883", ":1883" or "*:1883" (all addresses). Numbers only: a name would have
/// to be looked up.
[[nodiscard]] std::optional<SocketAddress> parse_socket_address(std::string_view text);

/// Writes the peer's address into `peer`, IPv4 as mapped IPv6.
void set_peer_address(session::PeerInfo& peer, const sockaddr_storage& storage);
/// 127.0.0.0/8 (mapped) or ::1.
[[nodiscard]] bool is_loopback(const uint8_t (&address)[16]);

}  // namespace patchbay::net

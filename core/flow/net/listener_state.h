#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "connection/connection_extensions.h"
#include "net/connection_quota.h"
#include "net/listener_options.h"
#include "net/net_limits.h"
#include "net/tls_context.h"
#include "session/peer_info.h"

namespace patchbay::net {

/// What the sockets of one listener share on all shards. Constant after construction but for the counter. Lives until
/// the node ends, since connections point to it.
struct ListenerState final : session::ListenerInfo {
  ListenerOptions options;
  NetLimits limits;
  const connection::ConnectionExtensions* extensions = &connection::ConnectionExtensions::none();
  ConnectionQuota* quota = nullptr;
  std::unique_ptr<AddressQuota> addresses;  ///< where options.max_connections_per_ip asks for it
  std::unique_ptr<TlsContext> tls;          ///< ssl, wss, dtls
  std::atomic<uint64_t> connections{0};
  std::atomic<uint64_t> datagrams_dropped{
      0};  ///< udp, dtls: for want of room, of a right to send so much, or for a limit

  /// Counts a new connection; false: a limit is reached. [any-thread]
  [[nodiscard]] bool admit() {
    const uint64_t before = connections.fetch_add(1, std::memory_order_relaxed);
    if ((options.max_connections == 0 || before < options.max_connections) && quota->take()) return true;
    connections.fetch_sub(1, std::memory_order_relaxed);
    return false;
  }
  void discharge() {
    connections.fetch_sub(1, std::memory_order_relaxed);
    quota->give_back();
  }
};

}  // namespace patchbay::net

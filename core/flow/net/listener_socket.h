#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/listener_options.h"
#include "net/socket_address.h"
#include "net/unique_fd.h"

namespace patchbay::net {

/// Listening sockets on one address, among which the kernel spreads new connections.
struct ListenerSockets {
  std::vector<UniqueFd> sockets;
  SocketAddress address;  ///< with the real port
};

/// Binds and listens `count` times. The error tells which step failed and why. [control]
[[nodiscard]] base::Result<ListenerSockets, std::string> open_listener_sockets(const ListenerOptions& options,
                                                                               size_t count);

}  // namespace patchbay::net

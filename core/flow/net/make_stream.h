#pragma once

#include <memory>

#include "connection/stream.h"
#include "net/listener_state.h"
#include "net/unique_fd.h"

namespace patchbay::net {

/// The stream for an accepted socket: TCP or TLS, with WebSocket on top where the listener's type says so. [shard]
[[nodiscard]] std::unique_ptr<connection::Stream> make_stream(UniqueFd socket, const session::PeerInfo& peer,
                                                              ListenerState& listener);

}  // namespace patchbay::net

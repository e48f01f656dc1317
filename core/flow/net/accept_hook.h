#pragma once

#include "base/shard_services.h"
#include "net/listener_state.h"
#include "session/peer_info.h"

namespace patchbay::net {

/// Asks conn.accept. False: the connection is to be closed at once; that is counted. [shard]
[[nodiscard]] bool accept_allowed(const session::PeerInfo& peer, bool proxied, const ListenerState& listener,
                                  const base::ShardServices& services);

}  // namespace patchbay::net

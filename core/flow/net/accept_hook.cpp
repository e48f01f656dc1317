#include "net/accept_hook.h"

#include <algorithm>

#include "base/log.h"
#include "hooks/dispatch.h"

namespace patchbay::net {

bool accept_allowed(const session::PeerInfo& peer, bool proxied, const ListenerState& listener,
                    const base::ShardServices& services) {
  const auto& point = listener.extensions->hooks.conn_accept;
  if (point.empty()) return true;
  hooks::ConnAcceptEvent event;
  event.listener_id = listener.id;
  std::copy(std::begin(peer.address), std::end(peer.address), event.peer_address.begin());
  event.peer_port = peer.port;
  event.proxied = proxied;
  hooks::transform(point, *services.deferrals, event);
  if (!event.denied) return true;
  services.count(base::Counter::connections_refused_hook);
  base::log(base::LogArea::net, base::LogLevel::debug, "connection refused by a hook",
            {{"listener", listener.id}, {"peer", peer.address_text()}, {"decided_by", event.decided_by}});
  return false;
}

}  // namespace patchbay::net

#include "net/make_stream.h"

#include <utility>

#include "net/tcp_stream.h"
#include "net/tls_stream.h"
#include "net/websocket_stream.h"

namespace patchbay::net {

std::unique_ptr<connection::Stream> make_stream(UniqueFd socket, const session::PeerInfo& peer,
                                                ListenerState& listener) {
  std::unique_ptr<connection::Stream> stream;
  if (listener.tls != nullptr) {
    stream = std::make_unique<TlsStream>(std::move(socket), peer, listener);
  } else {
    stream = std::make_unique<TcpStream>(std::move(socket), peer, listener);
  }
  const ListenerType type = listener.options.type;
  if (type != ListenerType::ws && type != ListenerType::wss) return stream;
  return std::make_unique<WebSocketStream>(std::move(stream), listener);
}

}  // namespace patchbay::net

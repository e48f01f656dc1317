#include "net/acceptor.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "net/accept_hook.h"
#include "net/make_stream.h"
#include "net/socket_address.h"

namespace patchbay::net {

using base::Counter;
using base::LogArea;
using base::LogLevel;

Acceptor::Acceptor(UniqueFd socket, ListenerState& listener, connection::ConnectionShard& connections)
    : socket_(std::move(socket)), listener_(listener), connections_(connections) {
  retry_timer_.bind(&Acceptor::retry, this);
}

Acceptor::~Acceptor() {
  Readiness::current().remove(socket_.get(), *this, true);
}

bool Acceptor::start() {
  return Readiness::current().add(socket_.get(), *this);
}

void Acceptor::on_ready(uint32_t what) {
  if ((what & kReadable) != 0) accept_some();
}

void Acceptor::retry(void* self) {
  static_cast<Acceptor*>(self)->accept_some();
}

void Acceptor::accept_some() {
  if (retry_timer_.running()) return;
  for (uint32_t count = 0; count < listener_.limits.accepts_per_turn; ++count) {
    sockaddr_storage address = {};
    socklen_t size = sizeof(address);
    UniqueFd socket(accept4(socket_.get(), reinterpret_cast<sockaddr*>(&address), &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (socket) {
      accepted(std::move(socket), address);
    } else if (accept_failed(errno)) {
      return;
    }
  }
  Readiness::current().request_turn(*this);
}

void Acceptor::accepted(UniqueFd socket, const sockaddr_storage& address) {
  const base::ShardServices& services = connections_.services();
  if (!listener_.admit()) {
    services.count(Counter::connections_refused_limit);
    uint64_t suppressed = 0;
    if (log_limiter_.allow(services.now_ms, suppressed)) {
      base::log(LogArea::net, LogLevel::warning, "connection refused: connection limit reached",
                {{"listener", listener_.id}, {"suppressed", suppressed}});
    }
    return;
  }
  session::PeerInfo peer;
  set_peer_address(peer, address);
  // Behind PROXY, who it is stands in a header that is still to come.
  if (!listener_.options.proxy_protocol && !accept_allowed(peer, false, listener_, services)) {
    listener_.discharge();
    return;
  }
  services.count(Counter::connections_accepted);
  connections_.add(make_stream(std::move(socket), peer, listener_));
}

bool Acceptor::accept_failed(int error) {
  if (error == EAGAIN || error == EWOULDBLOCK) {
    Readiness::current().read_drained(socket_.get(), *this);
    return true;
  }
  // The client left while it waited in the queue: the next one may be there.
  if (error == ECONNABORTED || error == EINTR || error == EPROTO || error == EPERM) return false;
  const base::ShardServices& services = connections_.services();
  services.count(Counter::connections_refused_descriptors);
  uint64_t suppressed = 0;
  if (log_limiter_.allow(services.now_ms, suppressed)) {
    base::log(LogArea::net, LogLevel::error, "accepting paused",
              {{"listener", listener_.id}, {"error", std::strerror(error)}, {"suppressed", suppressed}});
  }
  services.start(retry_timer_, listener_.limits.accept_retry_ms);
  return true;
}

}  // namespace patchbay::net

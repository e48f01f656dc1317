#include "net/listener_socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace patchbay::net {

namespace {

std::string failure(const char* step, const SocketAddress& address) {
  return std::string(step) + " " + address.text() + ": " + std::strerror(errno);
}

bool set_option(int fd, int level, int option, int value) {
  return setsockopt(fd, level, option, &value, sizeof(value)) == 0;
}

/// Accepted sockets inherit TCP_NODELAY and SO_KEEPALIVE, which saves setting them on each.
bool set_options(int fd, const SocketAddress& address, bool nodelay) {
  if (address.family() == AF_INET6 && !set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, address.any ? 0 : 1)) return false;
  return set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1) && set_option(fd, SOL_SOCKET, SO_REUSEPORT, 1) &&
         set_option(fd, IPPROTO_TCP, TCP_NODELAY, nodelay ? 1 : 0) && set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
}

/// Also learns the port that a bind to port 0 got.
base::Result<UniqueFd, std::string> open_one(SocketAddress& address, const ListenerOptions& options) {
  UniqueFd fd(socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd || !set_options(fd.get(), address, options.nodelay)) return base::fail(failure("socket", address));
  if (bind(fd.get(), reinterpret_cast<const sockaddr*>(&address.storage), address.size) != 0) {
    return base::fail(failure("bind", address));
  }
  if (listen(fd.get(), static_cast<int>(options.backlog)) != 0) return base::fail(failure("listen", address));
  getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address.storage), &address.size);
  return fd;
}

/// SO_REUSEPORT lets a second process of the same user share our port unnoticed, so the port is first tried alone.
base::Result<bool, std::string> try_alone(const SocketAddress& address) {
  if (address.port() == 0) return true;
  const UniqueFd fd(socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd) return base::fail(failure("socket", address));
  set_option(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  if (address.family() == AF_INET6) set_option(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, address.any ? 0 : 1);
  if (bind(fd.get(), reinterpret_cast<const sockaddr*>(&address.storage), address.size) != 0) {
    return base::fail(failure("bind", address));
  }
  return true;
}

bool has_ipv6() {
  return static_cast<bool>(UniqueFd(socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0)));
}

}  // namespace

base::Result<ListenerSockets, std::string> open_listener_sockets(const ListenerOptions& options, size_t count) {
  auto address = parse_socket_address(options.bind);
  if (!address) return base::fail("bind \"" + options.bind + "\" is not of the form address:port");
  if (address->any && !has_ipv6()) address = parse_socket_address("0.0.0.0:" + std::to_string(address->port()));
  if (auto alone = try_alone(*address); !alone) return base::fail(alone.error());
  ListenerSockets opened;
  opened.address = *address;
  for (size_t index = 0; index < count; ++index) {
    auto socket = open_one(opened.address, options);
    if (!socket) return base::fail(socket.error());
    opened.sockets.push_back(std::move(socket.value()));
  }
  return opened;
}

}  // namespace patchbay::net

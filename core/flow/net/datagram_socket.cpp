#include "net/datagram_socket.h"

#include <netinet/in.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "net/accept_hook.h"
#include "net/datagram_stream.h"
#include "net/dtls_stream.h"
#include "net/socket_address.h"

namespace patchbay::net {

using base::Counter;

namespace {
constexpr size_t kBufferSize = 65'536;
constexpr uint64_t kWindowMs = 1'000;

/// What tells peers apart: address and port.
std::string key_of(const sockaddr_storage& address, socklen_t size) {
  if (address.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    std::string key(reinterpret_cast<const char*>(&v4.sin_port), sizeof(v4.sin_port));
    return key.append(reinterpret_cast<const char*>(&v4.sin_addr), sizeof(v4.sin_addr));
  }
  if (address.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    std::string key(reinterpret_cast<const char*>(&v6.sin6_port), sizeof(v6.sin6_port));
    key.append(reinterpret_cast<const char*>(&v6.sin6_addr), sizeof(v6.sin6_addr));
    return key.append(reinterpret_cast<const char*>(&v6.sin6_scope_id), sizeof(v6.sin6_scope_id));
  }
  return {reinterpret_cast<const char*>(&address), size};
}

std::string failure(const char* step, const SocketAddress& address) {
  return std::string(step) + " " + address.text() + ": " + std::strerror(errno);
}

bool set_option(int fd, int level, int option, int value) {
  return setsockopt(fd, level, option, &value, sizeof(value)) == 0;
}

/// `shared`: with the sockets of the other shards.
base::Result<UniqueFd, std::string> open_one(SocketAddress& address, bool shared) {
  UniqueFd fd(socket(address.family(), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const bool ready =
      fd && (address.family() != AF_INET6 || set_option(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, address.any ? 0 : 1)) &&
      (!shared || set_option(fd.get(), SOL_SOCKET, SO_REUSEPORT, 1));
  if (!ready) return base::fail(failure("socket", address));
  if (bind(fd.get(), reinterpret_cast<const sockaddr*>(&address.storage), address.size) != 0) {
    return base::fail(failure("bind", address));
  }
  getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address.storage), &address.size);
  return fd;
}
}  // namespace

base::Result<ListenerSockets, std::string> open_datagram_sockets(const ListenerOptions& options, size_t count) {
  auto address = parse_socket_address(options.bind);
  if (!address) return base::fail("bind \"" + options.bind + "\" is not of the form address:port");
  if (address->port() != 0) {
    // SO_REUSEPORT would share the port of another process unnoticed, so it is first tried alone.
    if (auto alone = open_one(*address, false); !alone) return base::fail(alone.error());
  }
  ListenerSockets opened;
  opened.address = *address;
  for (size_t index = 0; index < count; ++index) {
    auto socket = open_one(opened.address, true);
    if (!socket) return base::fail(socket.error());
    opened.sockets.push_back(std::move(socket.value()));
  }
  return opened;
}

DatagramSocket::DatagramSocket(UniqueFd socket, ListenerState& listener, connection::ConnectionShard& connections)
    : socket_(std::make_shared<UniqueFd>(std::move(socket))),
      listener_(listener),
      greeter_(listener.tls == nullptr ? nullptr : std::make_unique<DtlsGreeter>(*socket_, listener)),
      connections_(connections),
      buffer_(kBufferSize) {
  sweep_timer_.bind(&DatagramSocket::sweep, this);
  connections_.services().start(sweep_timer_, kSweepMs);
}

DatagramSocket::~DatagramSocket() {
  for (const auto& [key, peer] : by_peer_) peer.association->end();
  // Connections that are still saying goodbye keep the descriptor.
  Readiness::current().remove(socket_->get(), *this, false);
}

bool DatagramSocket::start() {
  return Readiness::current().add(socket_->get(), *this);
}

void DatagramSocket::on_ready(uint32_t what) {
  if ((what & kReadable) != 0) receive_some();
}

void DatagramSocket::receive_some() {
  for (uint32_t count = 0; count < kDatagramsPerTurn; ++count) {
    sockaddr_storage address = {};
    socklen_t size = sizeof(address);
    const ssize_t bytes = recvfrom(socket_->get(), buffer_.data(), buffer_.size(), MSG_DONTWAIT,
                                   reinterpret_cast<sockaddr*>(&address), &size);
    if (bytes > 0) {
      received({buffer_.data(), static_cast<size_t>(bytes)}, address, size);
    } else if (bytes < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      Readiness::current().read_drained(socket_->get(), *this);
      return;
    }
    // What is empty says nothing; an error belongs to something that was sent before (ICMP).
  }
  Readiness::current().request_turn(*this);
}

void DatagramSocket::received(std::span<const uint8_t> datagram, const sockaddr_storage& address, socklen_t size) {
  const uint64_t now_ms = connections_.services().now_ms;
  std::string key = key_of(address, size);
  const auto found = by_peer_.find(key);
  if (found != by_peer_.end()) {
    // A peer that has lost its keys begins anew from the same address (RFC 6347 4.2.8).
    if (greeter_ != nullptr && DtlsGreeter::is_hello(datagram) && found->second.association->settled()) {
      greeted(datagram, std::move(key), address, size);
      return;
    }
    found->second.last_received_ms = now_ms;
    if (found->second.association->receive(datagram)) return;
    by_peer_.erase(found);  // its connection is over: this is the first datagram of another one
  }
  if (greeter_ != nullptr) {
    greeted(datagram, std::move(key), address, size);
    return;
  }
  const std::shared_ptr<DatagramAssociation> association = begin(address, size, {}, key);
  if (association == nullptr) return;
  static_cast<void>(association->receive(datagram));
  by_peer_.emplace(std::move(key), Peer{association, now_ms});
}

void DatagramSocket::greeted(std::span<const uint8_t> datagram, std::string key, const sockaddr_storage& address,
                             socklen_t size) {
  DtlsOpening opening = greeter_->greet(datagram, key, address, size);
  if (opening.ssl == nullptr) return;
  if (const auto before = by_peer_.find(key); before != by_peer_.end()) {
    before->second.association->end();
    by_peer_.erase(before);
  }
  const std::shared_ptr<DatagramAssociation> association = begin(address, size, std::move(opening), key);
  if (association == nullptr) return;
  association->prove(datagram.size());
  by_peer_.emplace(std::move(key), Peer{association, connections_.services().now_ms});
}

bool DatagramSocket::may_begin() {
  const uint64_t now_ms = connections_.services().now_ms;
  if (now_ms - window_start_ms_ >= kWindowMs) {
    window_start_ms_ = now_ms;
    begun_in_window_ = 0;
  }
  return ++begun_in_window_ <= listener_.options.datagram.max_new_per_s;
}

void DatagramSocket::refused(const char* why) {
  const base::ShardServices& services = connections_.services();
  services.count(Counter::connections_refused_limit);
  listener_.datagrams_dropped.fetch_add(1, std::memory_order_relaxed);
  uint64_t suppressed = 0;
  if (log_limiter_.allow(services.now_ms, suppressed)) {
    base::log(base::LogArea::net, base::LogLevel::warning, why,
              {{"listener", listener_.id}, {"suppressed", suppressed}});
  }
}

std::shared_ptr<DatagramAssociation> DatagramSocket::begin(const sockaddr_storage& address, socklen_t size,
                                                           DtlsOpening opening, std::string_view key) {
  if (!may_begin()) {
    refused("datagram refused: too many new peers in a second");
    return nullptr;
  }
  if (!listener_.admit()) {
    refused("datagram refused: connection limit reached");
    return nullptr;
  }
  session::PeerInfo peer;
  set_peer_address(peer, address);
  if (listener_.addresses != nullptr && !listener_.addresses->take(peer.address)) {
    listener_.discharge();
    refused("datagram refused: too many connections of one address");
    return nullptr;
  }
  if (!accept_allowed(peer, false, listener_, connections_.services())) {
    if (listener_.addresses != nullptr) listener_.addresses->give_back(peer.address);
    listener_.discharge();
    return nullptr;
  }
  connections_.services().count(Counter::connections_accepted);
  auto association = std::make_shared<DatagramAssociation>(socket_, address, size, listener_);
  if (opening.ssl != nullptr) {
    connections_.add(std::make_unique<DtlsStream>(association, peer, listener_, std::move(opening), key));
  } else {
    connections_.add(std::make_unique<DatagramStream>(association, peer, listener_));
  }
  return association;
}

void DatagramSocket::sweep(void* self) {
  auto& socket = *static_cast<DatagramSocket*>(self);
  const base::ShardServices& services = socket.connections_.services();
  const uint64_t idle_ms = uint64_t{socket.listener_.options.datagram.idle_timeout_s} * 1'000;
  for (auto at = socket.by_peer_.begin(); at != socket.by_peer_.end();) {
    if (services.now_ms - at->second.last_received_ms < idle_ms) {
      ++at;
      continue;
    }
    at->second.association->end();
    at = socket.by_peer_.erase(at);
  }
  services.start(socket.sweep_timer_, kSweepMs);
}

}  // namespace patchbay::net

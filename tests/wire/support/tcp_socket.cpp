#include "wire/support/tcp_socket.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace patchbay::wire {
namespace {

sockaddr_in loopback(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

bool is_free(uint16_t port) {
  const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(port);
  const bool bound = ::bind(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(probe);
  return bound;
}

[[noreturn]] void fail(const char* what) {
  throw std::runtime_error(std::string(what) + ": " + std::strerror(errno));
}

}  // namespace

uint16_t free_port() {
  constexpr unsigned kFirst = 20000;
  constexpr unsigned kCount = 12000;
  static unsigned next = static_cast<unsigned>(::getpid()) * 64 % kCount;
  for (unsigned tries = 0; tries < kCount; ++tries) {
    const auto port = static_cast<uint16_t>(kFirst + next++ % kCount);
    if (is_free(port)) return port;
  }
  throw std::runtime_error("no free port");
}

TcpSocket::TcpSocket(uint16_t port, int receive_buffer_bytes)
    : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  if (receive_buffer_bytes > 0) {
    ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes, sizeof receive_buffer_bytes);
  }
  const int on = 1;
  ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const sockaddr_in address = loopback(port);
  if (::connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(descriptor_);
    fail("connect");
  }
}

TcpSocket::~TcpSocket() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

TcpSocket::TcpSocket(TcpSocket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

void TcpSocket::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t size = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (size < 0) fail("send");
    bytes.remove_prefix(static_cast<size_t>(size));
  }
}

bool TcpSocket::send_some(std::string_view bytes, size_t& sent) {
  const ssize_t size = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  sent = size > 0 ? static_cast<size_t>(size) : 0;
  return sent == bytes.size();
}

bool TcpSocket::readable(milliseconds patience) const {
  pollfd watched{descriptor_, POLLIN, 0};
  return ::poll(&watched, 1, static_cast<int>(patience.count())) > 0;
}

Bytes TcpSocket::receive_some(milliseconds patience) {
  if (!readable(patience)) throw std::runtime_error("nothing came from the broker in time");
  std::array<char, 65536> buffer;
  const ssize_t size = ::recv(descriptor_, buffer.data(), buffer.size(), 0);
  if (size < 0 && errno != ECONNRESET) fail("recv");
  return {buffer.data(), size > 0 ? static_cast<size_t>(size) : 0};
}

Bytes TcpSocket::receive(size_t size, milliseconds patience) {
  const Deadline deadline(patience);
  Bytes bytes(size, '\0');
  size_t done = 0;
  while (done < size) {
    if (!readable(milliseconds(deadline.left_ms()))) throw std::runtime_error("too few bytes came in time");
    const ssize_t got = ::recv(descriptor_, bytes.data() + done, size - done, 0);
    if (got <= 0) break;
    done += static_cast<size_t>(got);
  }
  bytes.resize(done);
  return bytes;
}

bool TcpSocket::closed_by_peer(milliseconds patience) {
  const Deadline deadline(patience);
  std::array<char, 65536> buffer;
  while (readable(milliseconds(deadline.left_ms()))) {
    if (::recv(descriptor_, buffer.data(), buffer.size(), 0) <= 0) return true;
  }
  return false;
}

void TcpSocket::reset() {
  const linger now{1, 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  ::close(std::exchange(descriptor_, -1));
}

}  // namespace patchbay::wire

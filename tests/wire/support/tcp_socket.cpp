#include "wire/support/tcp_socket.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
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

// Ports of this process alone: test programs run side by side, and between looking at a port and the broker's bind
// another of them would take it. The lock lasts as long as the process, however that ends. Below the kernel's own
// range.
class PortBlock {
 public:
  static constexpr unsigned kFirst = 20000;
  static constexpr unsigned kSize = 60;
  static constexpr unsigned kBlocks = 200;
  static constexpr unsigned kCount = kSize * kBlocks;

  uint16_t next() {
    if (used_ == kSize) take();
    return static_cast<uint16_t>(kFirst + block_ * kSize + used_++);
  }

 private:
  void take() {
    const std::string folder = "/tmp/patchbay-test-ports." + std::to_string(::getuid());
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) fail("folder of port locks");
    for (unsigned tries = 0; tries < kBlocks; ++tries) {
      block_ = (block_ + 1) % kBlocks;
      const std::string path = folder + "/" + std::to_string(block_);
      const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
      if (descriptor < 0) fail("port lock");
      if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) {
        used_ = 0;
        return;
      }
      ::close(descriptor);
    }
    throw std::runtime_error("no free block of ports");
  }

  unsigned block_ = static_cast<unsigned>(::getpid()) % kBlocks;
  unsigned used_ = kSize;
};

}  // namespace

uint16_t free_port() {
  static PortBlock block;
  for (unsigned tries = 0; tries < PortBlock::kCount; ++tries) {
    const uint16_t port = block.next();
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

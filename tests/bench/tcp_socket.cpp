#include "bench/tcp_socket.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>

namespace patchbay::bench {
namespace {

constexpr std::uint32_t kFirstSourceAddress = 0x7F000002;  // 127.0.0.2

bool bind_source(int fd, const BrokerAddress& broker, std::size_t index) {
  if (broker.source_addresses == 0) return true;
  // The port is chosen at connect(), where only the whole pair of addresses has to be unique.
  int on = 1;
  setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
  sockaddr_in source{};
  source.sin_family = AF_INET;
  source.sin_addr.s_addr = htonl(kFirstSourceAddress + static_cast<std::uint32_t>(index % broker.source_addresses));
  return bind(fd, reinterpret_cast<const sockaddr*>(&source), sizeof(source)) == 0;
}

}  // namespace

BrokerAddress resolve_broker(const std::string& host, unsigned port, std::size_t source_addresses) {
  addrinfo hints{};
  hints.ai_family = AF_INET;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (int error = getaddrinfo(host.c_str(), nullptr, &hints, &found); error != 0) {
    throw std::runtime_error("cannot resolve " + host + ": " + gai_strerror(error));
  }
  BrokerAddress broker;
  broker.remote = *reinterpret_cast<const sockaddr_in*>(found->ai_addr);
  broker.remote.sin_port = htons(static_cast<std::uint16_t>(port));
  broker.source_addresses = source_addresses;
  freeaddrinfo(found);
  return broker;
}

int start_tcp_connect(const BrokerAddress& broker, std::size_t index) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  bool started = bind_source(fd, broker, index) &&
                 (connect(fd, reinterpret_cast<const sockaddr*>(&broker.remote), sizeof(broker.remote)) == 0 ||
                  errno == EINPROGRESS);
  if (started) return fd;
  int error = errno;
  close(fd);
  errno = error;
  return -1;
}

int finish_tcp_connect(int fd) {
  int error = 0;
  socklen_t size = sizeof(error);
  if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) return errno;
  return error;
}

std::size_t raise_descriptor_limit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  getrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

}  // namespace patchbay::bench

#pragma once

#include <netinet/in.h>

#include <cstddef>
#include <string>

namespace patchbay::bench {

// Where the broker listens, and how many local addresses the connections are spread over. One local address has about
// 28,000 free ports, so that more connections than that to one broker need several; on loopback 127.0.0.2 and up all
// exist.
struct BrokerAddress {
  sockaddr_in remote{};
  std::size_t source_addresses = 0;  // 0: leave the choice to the kernel
};

// Resolves a host name or dotted address; throws std::runtime_error, as this happens once, before anything runs.
BrokerAddress resolve_broker(const std::string& host, unsigned port, std::size_t source_addresses);

// A non-blocking socket whose connect() is under way, or -1 with errno set. `index` picks the source address.
int start_tcp_connect(const BrokerAddress& broker, std::size_t index);

// 0, or the errno with which the connect() failed.
int finish_tcp_connect(int fd);

// Lifts the soft limit of open descriptors to the hard one and returns it.
std::size_t raise_descriptor_limit();

}  // namespace patchbay::bench

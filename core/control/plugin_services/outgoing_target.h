#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "patchbay/transport.h"

namespace patchbay::plugin_services {

/// patchbay_stream_target, copied.
struct OutgoingTarget {
  uint32_t transport = 0;
  std::string host;
  std::string server_name;
  std::string ca_file;
  uint16_t port = 0;
  bool verify = true;
  uint32_t connect_timeout_ms = 10'000;

  /// "broker.example port 8883"
  [[nodiscard]] std::string text() const { return host + " port " + std::to_string(port); }
};

struct OutgoingAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

/// What was asked for, or what is wrong with it. [any-thread]
[[nodiscard]] base::Result<OutgoingTarget, std::string> target_of(const patchbay_stream_target& asked);
/// The addresses of a host, as the system orders them. `numeric`: of an address only, which doesn't block. [worker]
[[nodiscard]] base::Result<std::vector<OutgoingAddress>, std::string> addresses_of(const OutgoingTarget& target,
                                                                                   bool numeric);

}  // namespace patchbay::plugin_services

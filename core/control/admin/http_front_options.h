#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "net/listener_options.h"

namespace patchbay::admin {

struct HttpFrontOptions {
  std::string bind = "127.0.0.1:18083";  ///< port 0: any free one
  bool tls_on = false;
  net::TlsOptions tls;
  uint32_t threads = 4;            ///< that handle requests
  uint32_t connections_max = 256;  ///< more push out the one that has been idle longest, or are closed
  uint32_t head_timeout_ms = 10'000;
  uint32_t body_timeout_ms = 30'000;
  uint32_t idle_timeout_ms = 60'000;  ///< between requests
  uint32_t write_timeout_ms = 30'000;
  /// Called once the answer of a request that was begun is overdue: whoever is to give it is to look now. Must not
  /// wait.
  std::function<void()> hurry = [] {};
};

}  // namespace patchbay::admin

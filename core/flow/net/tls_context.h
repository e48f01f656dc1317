#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "base/result.h"
#include "net/listener_options.h"

struct ssl_ctx_st;

namespace patchbay::net {

/// One generation of a listener's TLS configuration: the default certificate and those chosen by server name.
class TlsGeneration;

/// TLS configuration of a listener that can be read again while it is in use: connections keep the generation that they
/// began with.
class TlsContext {
 public:
  /// Reads the files. The error names the file and says what is wrong with it. [control]
  static base::Result<std::unique_ptr<TlsContext>, std::string> create(const TlsOptions& options);

  /// Reads the files again. On failure nothing changes. [control]
  base::Result<bool, std::string> reload();

  /// For a new connection. The lock is held for a copy of a pointer, once for each TLS handshake. [any-thread]
  [[nodiscard]] std::shared_ptr<const TlsGeneration> current() const {
    const std::lock_guard lock(mutex_);
    return current_;
  }

 private:
  explicit TlsContext(const TlsOptions& options) : options_(options) {}

  const TlsOptions options_;
  mutable std::mutex mutex_;  // guards current_
  std::shared_ptr<const TlsGeneration> current_;
};

}  // namespace patchbay::net

#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "admin/http_handler.h"
#include "base/clock.h"
#include "base/result.h"
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
};

/// The front of the HTTP server: sockets, threads, time limits. One thread accepts and collects heads and small bodies
/// from all connections, so that a slow client costs bytes and no thread; a few others handle what is complete. Large
/// bodies are read by these, once the handler has admitted their sender. [control]
class HttpFront {
 public:
  /// Both must outlive this.
  HttpFront(HttpFrontOptions options, HttpHandler& handler, const base::Clock& clock);
  /// stop()
  ~HttpFront();
  HttpFront(const HttpFront&) = delete;
  HttpFront& operator=(const HttpFront&) = delete;

  /// Binds, reads the TLS files and starts the threads; nothing is accepted yet. Returns the address that is bound; the
  /// error is a sentence.
  [[nodiscard]] base::Result<std::string, std::string> start();
  void accept();
  /// Reads the TLS files again; new connections use them. The old ones stay where that fails.
  [[nodiscard]] base::Result<bool, std::string> reload_tls();
  /// Ends all connections and threads; requests that are being handled are waited for. Idempotent.
  void stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace patchbay::admin

#pragma once

#include <memory>
#include <string>

#include "admin/http_front_options.h"
#include "admin/http_handler.h"
#include "base/clock.h"
#include "base/result.h"

namespace patchbay::admin {

struct HttpFrontState;

/// The front of the HTTP server: sockets, threads, time limits. One thread accepts and collects heads and small bodies
/// from all connections, so that a slow client costs bytes and no thread; what need not wait it answers itself, and a
/// few others handle the rest. Large bodies are read by these, once the handler has admitted their sender. [control]
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
  std::unique_ptr<HttpFrontState> state_;
};

}  // namespace patchbay::admin

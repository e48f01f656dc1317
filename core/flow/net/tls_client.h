#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

struct ssl_st;
struct ssl_ctx_st;

namespace patchbay::net {

/// Whom outgoing TLS connections trust, read from files once. TLS 1.2 and later.
class TlsClientContext {
 public:
  /// `ca_file`: PEM; empty: the system's authorities. Without `verify` any certificate will do. Reads files: [worker]
  [[nodiscard]] static base::Result<std::shared_ptr<const TlsClientContext>, std::string> make(
      const std::string& ca_file, bool verify);
  ~TlsClientContext();
  TlsClientContext(const TlsClientContext&) = delete;
  TlsClientContext& operator=(const TlsClientContext&) = delete;

  [[nodiscard]] ssl_ctx_st* get() const { return context_; }
  [[nodiscard]] bool verifies() const { return verify_; }

 private:
  TlsClientContext(ssl_ctx_st* context, bool verify) : context_(context), verify_(verify) {}
  ssl_ctx_st* context_;
  bool verify_;
};

/// The client's end of one TLS connection, between bytes of a socket and bytes of whoever speaks through it. Does no
/// I/O. [shard]
class TlsClient {
 public:
  enum class Status {
    ok,      ///< shaken; or all that could be read has been
    more,    ///< more bytes of the other end are needed
    ended,   ///< the other end has said goodbye
    failed,  ///< see reason(); what take_output() gives may still be sent
  };

  /// `server_name`: what is asked for (SNI) and what the certificate must be for; a name or an IP address.
  TlsClient(std::shared_ptr<const TlsClientContext> context, const std::string& server_name);
  ~TlsClient();
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  /// Bytes that came from the socket.
  void feed(std::string_view bytes);
  [[nodiscard]] Status shake_hands();
  /// Appends what the other end has written. Once shaken.
  [[nodiscard]] Status read(std::string& into);
  /// Once shaken. False: see reason().
  [[nodiscard]] bool write(std::string_view bytes);
  /// Says goodbye.
  void end();
  /// Appends what is to be sent.
  void take_output(std::string& into);
  /// One line about what went wrong.
  [[nodiscard]] const std::string& reason() const { return reason_; }

 private:
  [[nodiscard]] Status outcome(int returned);

  std::shared_ptr<const TlsClientContext> context_;
  ssl_st* ssl_;
  std::string reason_;
};

}  // namespace patchbay::net

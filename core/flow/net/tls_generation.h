#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/listener_options.h"

namespace patchbay::net {

/// One reading of a listener's TLS files: the default certificate and those chosen by server name (SNI). Immutable.
/// [any-thread]
class TlsGeneration {
 public:
  static base::Result<std::shared_ptr<const TlsGeneration>, std::string> load(const TlsOptions& options);

  /// For a new connection with the default certificate; a server name in the client's hello may change it.
  [[nodiscard]] SSL_CTX* default_context() const { return contexts_.front().context.get(); }
  /// What a handshake with a pre-shared key may use in TLS 1.2, behind the ciphers of certificates.
  [[nodiscard]] static std::string ciphers_with_psk(const TlsOptions& options);
  /// The context for a server name; the default where no name fits.
  [[nodiscard]] SSL_CTX* select(std::string_view server_name) const;

 private:
  struct FreeContext {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  };
  using Context = std::unique_ptr<SSL_CTX, FreeContext>;
  struct Named {
    std::string name;
    Context context;
  };

  static int choose_alpn(SSL* ssl, const unsigned char** chosen, unsigned char* chosen_size,
                         const unsigned char* offered, unsigned offered_size, void* context);
  static int choose_by_name(SSL* ssl, int* alert, void* generation);
  base::Result<bool, std::string> add(const TlsOptions& options, const TlsServerName& identity);

  std::vector<Named> contexts_;  // the default first
};

/// Whether `pattern` ("broker.example", "*.example") covers `name`; a star stands for one label. Case doesn't matter.
[[nodiscard]] bool server_name_matches(std::string_view pattern, std::string_view name);

}  // namespace patchbay::net

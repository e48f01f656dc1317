#include "net/tls_client.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>

#include "base/assert.h"

namespace patchbay::net {

namespace {

std::string last_error(const std::string& otherwise) {
  const unsigned long code = ERR_peek_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  ERR_clear_error();
  return reason == nullptr ? otherwise : reason;
}

bool is_address(const std::string& name) {
  std::array<unsigned char, sizeof(in6_addr)> ignored{};
  return inet_pton(AF_INET, name.c_str(), ignored.data()) == 1 ||
         inet_pton(AF_INET6, name.c_str(), ignored.data()) == 1;
}

}  // namespace

base::Result<std::shared_ptr<const TlsClientContext>, std::string> TlsClientContext::make(const std::string& ca_file,
                                                                                          bool verify) {
  ERR_clear_error();
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  if (context == nullptr) return base::fail(last_error("no memory"));
  std::shared_ptr<const TlsClientContext> made(new TlsClientContext(context, verify));
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_mode(context,
                   SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  if (!verify) return made;
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  const bool trusted = ca_file.empty() ? SSL_CTX_set_default_verify_paths(context) == 1
                                       : SSL_CTX_load_verify_locations(context, ca_file.c_str(), nullptr) == 1;
  if (!trusted) return base::fail("ca_file " + ca_file + ": " + last_error("cannot be read"));
  return made;
}

TlsClientContext::~TlsClientContext() {
  SSL_CTX_free(context_);
}

TlsClient::TlsClient(std::shared_ptr<const TlsClientContext> context, const std::string& server_name)
    : context_(std::move(context)), ssl_(SSL_new(context_->get())) {
  PATCHBAY_ASSERT(ssl_ != nullptr);
  SSL_set_bio(ssl_, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  SSL_set_connect_state(ssl_);
  const bool address = is_address(server_name);
  // RFC 6066 section 3: addresses are no server names.
  bool fine = address || SSL_set_tlsext_host_name(ssl_, server_name.c_str()) == 1;
  if (context_->verifies()) {
    X509_VERIFY_PARAM* wanted = SSL_get0_param(ssl_);
    X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    fine = fine && (address ? X509_VERIFY_PARAM_set1_ip_asc(wanted, server_name.c_str())
                            : X509_VERIFY_PARAM_set1_host(wanted, server_name.c_str(), server_name.size())) == 1;
  }
  if (!fine) reason_ = "server_name \"" + server_name + "\" cannot be asked for";
}

TlsClient::~TlsClient() {
  SSL_free(ssl_);
}

void TlsClient::feed(std::string_view bytes) {
  static_cast<void>(BIO_write(SSL_get_rbio(ssl_), bytes.data(), static_cast<int>(bytes.size())));
}

TlsClient::Status TlsClient::outcome(int returned) {
  switch (SSL_get_error(ssl_, returned)) {
    case SSL_ERROR_NONE:
      return Status::ok;
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      return Status::more;
    case SSL_ERROR_ZERO_RETURN:
      return Status::ended;
    default:
      break;
  }
  const long verified = SSL_get_verify_result(ssl_);
  reason_ = context_->verifies() && verified != X509_V_OK
                ? std::string("the certificate is refused: ") + X509_verify_cert_error_string(verified)
                : "TLS: " + last_error("the handshake failed");
  ERR_clear_error();
  return Status::failed;
}

TlsClient::Status TlsClient::shake_hands() {
  if (!reason_.empty()) return Status::failed;  // nobody may be taken for another
  ERR_clear_error();
  return outcome(SSL_do_handshake(ssl_));
}

TlsClient::Status TlsClient::read(std::string& into) {
  std::array<char, 16384> piece;
  for (;;) {
    ERR_clear_error();
    const int size = SSL_read(ssl_, piece.data(), static_cast<int>(piece.size()));
    if (size <= 0) {
      const Status status = outcome(size);
      return status == Status::more ? Status::ok : status;
    }
    into.append(piece.data(), static_cast<size_t>(size));
  }
}

bool TlsClient::write(std::string_view bytes) {
  // Into memory: whatever is given is taken, a record at a time.
  while (!bytes.empty()) {
    ERR_clear_error();
    const int size = SSL_write(ssl_, bytes.data(), static_cast<int>(std::min<size_t>(bytes.size(), 1U << 20)));
    if (size <= 0) {
      static_cast<void>(outcome(size));
      if (reason_.empty()) reason_ = "TLS: the connection takes nothing";
      return false;
    }
    bytes.remove_prefix(static_cast<size_t>(size));
  }
  return true;
}

void TlsClient::end() {
  ERR_clear_error();
  static_cast<void>(SSL_shutdown(ssl_));
  ERR_clear_error();
}

void TlsClient::take_output(std::string& into) {
  BIO* out = SSL_get_wbio(ssl_);
  std::array<char, 16384> piece;
  for (;;) {
    const int size = BIO_read(out, piece.data(), static_cast<int>(piece.size()));
    if (size <= 0) return;
    into.append(piece.data(), static_cast<size_t>(size));
  }
}

}  // namespace patchbay::net

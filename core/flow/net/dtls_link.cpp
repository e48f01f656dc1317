#include "net/dtls_link.h"

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "base/random.h"

namespace patchbay::net {

namespace {

constexpr size_t kCookieSize = 32;  // SHA-256
constexpr long kHeaders = 48;       // IPv6 and UDP
using Cookie = std::array<unsigned char, kCookieSize>;

DtlsLink& link_of(BIO* bio) {
  return *static_cast<DtlsLink*>(BIO_get_data(bio));
}

int read_record(BIO* bio, char* into, int size) {
  BIO_clear_retry_flags(bio);
  const size_t got = link_of(bio).receive_record({reinterpret_cast<uint8_t*>(into), static_cast<size_t>(size)});
  if (got != 0) return static_cast<int>(got);
  BIO_set_retry_read(bio);
  return -1;
}

int write_record(BIO* bio, const char* from, int size) {
  BIO_clear_retry_flags(bio);
  link_of(bio).send_record({reinterpret_cast<const uint8_t*>(from), static_cast<size_t>(size)});
  return size;
}

long control(BIO*, int command, long, void*) {
  if (command == BIO_CTRL_DGRAM_GET_MTU_OVERHEAD) return kHeaders;
  return command == BIO_CTRL_FLUSH || command == BIO_CTRL_DGRAM_SET_NEXT_TIMEOUT ? 1 : 0;
}

const BIO_METHOD* method() {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "patchbay datagrams");
    BIO_meth_set_read(made, &read_record);
    BIO_meth_set_write(made, &write_record);
    BIO_meth_set_ctrl(made, &control);
    BIO_meth_set_create(made, [](BIO* bio) {
      BIO_set_init(bio, 1);
      return 1;
    });
    return made;
  }();
  return method;
}

const std::array<unsigned char, 32>& secret() {
  static const auto secret = [] {
    base::SystemRandom random;
    std::array<unsigned char, 32> bytes;
    for (size_t at = 0; at < bytes.size(); at += sizeof(uint64_t)) {
      const uint64_t word = random.next();
      std::memcpy(bytes.data() + at, &word, sizeof(word));
    }
    return bytes;
  }();
  return secret;
}

bool cookie_of(SSL* ssl, Cookie& cookie) {
  const std::string_view peer = link_of(SSL_get_rbio(ssl)).peer_key();
  unsigned size = 0;
  return HMAC(EVP_sha256(), secret().data(), static_cast<int>(secret().size()),
              reinterpret_cast<const unsigned char*>(peer.data()), peer.size(), cookie.data(), &size) != nullptr &&
         size == kCookieSize;
}

int give_cookie(SSL* ssl, unsigned char* into, unsigned* size) {
  Cookie cookie;
  if (!cookie_of(ssl, cookie)) return 0;
  std::copy(cookie.begin(), cookie.end(), into);
  *size = kCookieSize;
  return 1;
}

int is_cookie(SSL* ssl, const unsigned char* cookie, unsigned size) {
  Cookie expected;
  return size == kCookieSize && cookie_of(ssl, expected) && CRYPTO_memcmp(cookie, expected.data(), kCookieSize) == 0;
}

}  // namespace

void FreeDtls::operator()(ssl_st* ssl) const {
  SSL_free(ssl);
}

Dtls make_dtls(ssl_ctx_st* context, DtlsLink& link, uint32_t mtu_bytes) {
  Dtls ssl(SSL_new(context));
  BIO* bio = BIO_new(method());
  if (ssl == nullptr || bio == nullptr) {
    BIO_free(bio);
    return nullptr;
  }
  BIO_set_data(bio, &link);
  SSL_set_bio(ssl.get(), bio, bio);
  SSL_set_options(ssl.get(), SSL_OP_NO_QUERY_MTU);
  DTLS_set_link_mtu(ssl.get(), static_cast<long>(mtu_bytes));
  SSL_set_accept_state(ssl.get());
  return ssl;
}

void set_link(ssl_st& ssl, DtlsLink& link) {
  BIO_set_data(SSL_get_rbio(&ssl), &link);
}

void use_cookies(ssl_ctx_st& context) {
  SSL_CTX_set_options(&context, SSL_OP_COOKIE_EXCHANGE);
  SSL_CTX_set_cookie_generate_cb(&context, &give_cookie);
  SSL_CTX_set_cookie_verify_cb(&context, &is_cookie);
}

}  // namespace patchbay::net

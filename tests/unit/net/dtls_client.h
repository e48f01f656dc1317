#pragma once

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "tls_files.h"
#include "udp_fixture.h"

namespace patchbay::net {

/// OpenSSL's own DTLS client on a socket that waits at most ten seconds.
class DtlsClient {
 public:
  struct Options {
    std::string certificate_file;
    std::string key_file;
    std::string psk_identity;
    std::string psk_key;
  };

  /// On a socket of somebody, so that more than one begins at the same address.
  DtlsClient(const UdpClient& socket, const Options& options) : context_(SSL_CTX_new(DTLS_client_method())) {
    if (!options.certificate_file.empty()) {
      REQUIRE(SSL_CTX_use_certificate_chain_file(context_.get(), options.certificate_file.c_str()) == 1);
      REQUIRE(SSL_CTX_use_PrivateKey_file(context_.get(), options.key_file.c_str(), SSL_FILETYPE_PEM) == 1);
    }
    ssl_.reset(SSL_new(context_.get()));
    options_ = options;
    SSL_set_app_data(ssl_.get(), this);
    if (!options.psk_identity.empty()) {
      SSL_set_cipher_list(ssl_.get(), "PSK");
      SSL_set_psk_client_callback(ssl_.get(), &DtlsClient::give_psk);
    }
    BIO* bio = BIO_new_dgram(socket.fd(), BIO_NOCLOSE);
    sockaddr_in server = {};
    socklen_t size = sizeof(server);
    REQUIRE(getpeername(socket.fd(), reinterpret_cast<sockaddr*>(&server), &size) == 0);
    const std::unique_ptr<BIO_ADDR, void (*)(BIO_ADDR*)> address(BIO_ADDR_new(), &BIO_ADDR_free);
    BIO_ADDR_rawmake(address.get(), AF_INET, &server.sin_addr, sizeof(server.sin_addr), server.sin_port);
    BIO_ctrl(bio, BIO_CTRL_DGRAM_SET_CONNECTED, 0, address.get());
    SSL_set_bio(ssl_.get(), bio, bio);
    SSL_set_connect_state(ssl_.get());
  }

  [[nodiscard]] bool shake() { return SSL_do_handshake(ssl_.get()) == 1; }
  void send(std::string_view datagram) {
    REQUIRE(SSL_write(ssl_.get(), datagram.data(), static_cast<int>(datagram.size())) ==
            static_cast<int>(datagram.size()));
  }
  /// Empty: none came, or the end.
  [[nodiscard]] std::string receive() {
    std::string datagram(20'000, '\0');
    const int size = SSL_read(ssl_.get(), datagram.data(), static_cast<int>(datagram.size()));
    datagram.resize(size > 0 ? static_cast<size_t>(size) : 0);
    return datagram;
  }
  [[nodiscard]] std::string ask(std::string_view datagram) {
    send(datagram);
    return receive();
  }
  void say_goodbye() { SSL_shutdown(ssl_.get()); }
  [[nodiscard]] bool told_goodbye() const { return (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0; }
  [[nodiscard]] std::string version() const { return SSL_get_version(ssl_.get()); }
  [[nodiscard]] std::string server_name() const {
    X509* certificate = SSL_get0_peer_certificate(ssl_.get());
    if (certificate == nullptr) return "";
    char name[256] = "";
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name, sizeof(name));
    return name;
  }

 private:
  struct Free {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  };
  static unsigned give_psk(SSL* ssl, const char*, char* identity, unsigned identity_room, unsigned char* key,
                           unsigned key_room) {
    const Options& options = static_cast<DtlsClient*>(SSL_get_app_data(ssl))->options_;
    REQUIRE(options.psk_identity.size() < identity_room);
    REQUIRE(options.psk_key.size() <= key_room);
    std::memcpy(identity, options.psk_identity.c_str(), options.psk_identity.size() + 1);
    std::memcpy(key, options.psk_key.data(), options.psk_key.size());
    return static_cast<unsigned>(options.psk_key.size());
  }

  Options options_;
  std::unique_ptr<SSL_CTX, Free> context_;
  std::unique_ptr<SSL, Free> ssl_;
};

}  // namespace patchbay::net

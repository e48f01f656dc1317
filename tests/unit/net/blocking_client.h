#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "net/unique_fd.h"

namespace patchbay::net {

/// A client on a real socket that waits for what it asks for, at most ten seconds.
class BlockingClient {
 public:
  explicit BlockingClient(uint16_t port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval patience{10, 0};
    setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    setsockopt(fd_.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = connect(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  }
  virtual ~BlockingClient() = default;

  [[nodiscard]] bool connected() const { return connected_; }
  [[nodiscard]] int fd() const { return fd_.get(); }
  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = write_some(bytes);
      REQUIRE(sent > 0);
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
  }
  /// Exactly `size` bytes, or fewer when the broker ends the stream before.
  [[nodiscard]] std::string receive(size_t size) {
    std::string bytes(size, '\0');
    size_t have = 0;
    while (have < size) {
      const ssize_t got = read_some(bytes.data() + have, size - have);
      if (got <= 0) break;
      have += static_cast<size_t>(got);
    }
    bytes.resize(have);
    return bytes;
  }
  /// What comes up to and with `end`.
  [[nodiscard]] std::string receive_until(std::string_view end) {
    std::string bytes;
    while (!bytes.ends_with(end)) {
      const std::string one = receive(1);
      if (one.empty()) break;
      bytes += one;
    }
    return bytes;
  }
  /// Waits for the end of the stream (or a reset); false when bytes come or nothing happens.
  [[nodiscard]] bool ended() {
    char byte = 0;
    const ssize_t got = read_some(&byte, 1);
    return got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK);
  }
  void finish_sending() { shutdown(fd_.get(), SHUT_WR); }

 protected:
  virtual ssize_t write_some(std::string_view bytes) {
    return ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }
  virtual ssize_t read_some(char* into, size_t size) { return ::recv(fd_.get(), into, size, 0); }

 private:
  UniqueFd fd_;
  bool connected_ = false;
};

/// The same over TLS.
class BlockingTlsClient final : public BlockingClient {
 public:
  struct Options {
    std::string certificate_file;
    std::string key_file;
    std::string server_name;
    int maximum_version = 0;
    std::string before;  ///< sent before the handshake: a PROXY header
    std::string alpn;    ///< names, each behind a byte with its length
    std::string psk_identity;
    std::string psk_key;
    std::string ciphers;  ///< TLS 1.2
  };

  BlockingTlsClient(uint16_t port, Options wanted)
      : BlockingClient(port), options_(std::move(wanted)), context_(SSL_CTX_new(TLS_client_method())) {
    const Options& options = options_;
    if (!options.before.empty()) ::send(fd(), options.before.data(), options.before.size(), MSG_NOSIGNAL);
    if (options.maximum_version != 0) SSL_CTX_set_max_proto_version(context_.get(), options.maximum_version);
    if (!options.certificate_file.empty()) {
      SSL_CTX_use_certificate_file(context_.get(), options.certificate_file.c_str(), SSL_FILETYPE_PEM);
      SSL_CTX_use_PrivateKey_file(context_.get(), options.key_file.c_str(), SSL_FILETYPE_PEM);
    }
    ssl_.reset(SSL_new(context_.get()));
    if (!options.server_name.empty()) SSL_set_tlsext_host_name(ssl_.get(), options.server_name.c_str());
    if (!options.ciphers.empty()) SSL_set_cipher_list(ssl_.get(), options.ciphers.c_str());
    if (!options.alpn.empty()) {
      SSL_set_alpn_protos(ssl_.get(), reinterpret_cast<const unsigned char*>(options.alpn.data()),
                          static_cast<unsigned>(options.alpn.size()));
    }
    SSL_set_app_data(ssl_.get(), this);
    if (!options.psk_identity.empty()) SSL_set_psk_client_callback(ssl_.get(), &BlockingTlsClient::give_psk);
    SSL_set_fd(ssl_.get(), fd());
    shaken_ = SSL_connect(ssl_.get()) == 1;
  }

  [[nodiscard]] bool shaken() const { return shaken_; }
  [[nodiscard]] std::string version() const { return SSL_get_version(ssl_.get()); }
  [[nodiscard]] std::string cipher() const { return SSL_get_cipher_name(ssl_.get()); }
  [[nodiscard]] bool server_has_certificate() const { return SSL_get0_peer_certificate(ssl_.get()) != nullptr; }
  /// The other side has sent its close_notify.
  [[nodiscard]] bool end_was_told() const { return (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0; }
  [[nodiscard]] std::string alpn() const {
    const unsigned char* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl_.get(), &name, &size);
    return {reinterpret_cast<const char*>(name), size};
  }
  [[nodiscard]] std::string server_common_name() const {
    const std::unique_ptr<X509, void (*)(X509*)> certificate(SSL_get1_peer_certificate(ssl_.get()), &X509_free);
    char name[256] = {};
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()), NID_commonName, name, sizeof(name));
    return name;
  }

 protected:
  ssize_t write_some(std::string_view bytes) override {
    return SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
  }
  ssize_t read_some(char* into, size_t size) override {
    const int got = SSL_read(ssl_.get(), into, static_cast<int>(size));
    return got > 0 ? got : 0;
  }

 private:
  struct Free {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };
  static unsigned give_psk(SSL* ssl, const char*, char* identity, unsigned identity_room, unsigned char* key,
                           unsigned key_room) {
    const Options& options = static_cast<const BlockingTlsClient*>(SSL_get_app_data(ssl))->options_;
    REQUIRE(options.psk_identity.size() < identity_room);
    REQUIRE(options.psk_key.size() <= key_room);
    std::memcpy(identity, options.psk_identity.c_str(), options.psk_identity.size() + 1);
    std::memcpy(key, options.psk_key.data(), options.psk_key.size());
    return static_cast<unsigned>(options.psk_key.size());
  }

  const Options options_;
  std::unique_ptr<SSL_CTX, Free> context_;
  std::unique_ptr<SSL, Free> ssl_;
  bool shaken_ = false;
};

}  // namespace patchbay::net

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "connection/stream.h"
#include "net/alpn_listener.h"
#include "net/listener_state.h"

struct ssl_st;

namespace patchbay::hooks {
struct ConnTlsCertEvent;
}

namespace patchbay::net {

/// What hooks and the directory of protocols have to say in the handshake of one connection, TLS or DTLS: names of
/// protocols (ALPN), pre-shared keys, and the client's certificate. [shard]
class TlsHandshake final : private AlpnListener {
 public:
  /// Called when an answer about the certificate came later than the question's call.
  using Answered = void (*)(void* self);

  /// `listener` and `self` outlive it.
  TlsHandshake(ListenerState& listener, Answered answered, void* self);
  ~TlsHandshake();

  /// Before the handshake; `ssl` must not outlive this object's use of it.
  void attach(ssl_st* ssl);
  /// After it: takes the certificate and asks conn.tls_cert. would_block: the answer comes later; failed: refused.
  [[nodiscard]] connection::StreamStatus check(const session::PeerInfo& peer);
  [[nodiscard]] bool waits() const { return check_ != nullptr; }
  [[nodiscard]] bool refused() const { return refused_; }
  /// Nobody waits for an answer any more.
  void give_up();
  /// Null: none that was verified.
  [[nodiscard]] const session::PeerCertificate* certificate() const { return certificate_.get(); }
  void describe(connection::TransportHints& hints) const;
  /// Counts a handshake that failed, and logs why; empties OpenSSL's queue of errors.
  void failed(const session::PeerInfo& peer, bool late) const;

 private:
  struct CertificateCheck;

  /// MQTT, or a protocol of the directory.
  [[nodiscard]] bool speaks(std::string_view alpn_name) const override;
  void accept_psk();
  /// The key of a client that names itself; its size, 0: none.
  [[nodiscard]] size_t key_of(std::string_view identity, std::span<uint8_t> into) const;
  [[nodiscard]] connection::StreamStatus ask(const session::PeerInfo& peer);
  void take_answer(hooks::ConnTlsCertEvent& event);

  ListenerState& listener_;
  const Answered answered_;
  void* const self_;
  ssl_st* ssl_ = nullptr;
  std::unique_ptr<session::PeerCertificate> certificate_;
  std::unique_ptr<CertificateCheck> check_;  ///< while the handshake waits for an answer about the certificate
  bool refused_ = false;                     ///< by conn.tls_cert
};

}  // namespace patchbay::net

#include "net/tls_handshake.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "base/utf8.h"
#include "hooks/dispatch.h"
#include "net/peer_certificate.h"
#include "net/readiness.h"
#include "net/tls_generation.h"

namespace patchbay::net {

using base::Counter;
using connection::StreamStatus;

namespace {
constexpr std::string_view kMqttAlpn = "mqtt";
constexpr const char* kPskSuites = "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_256_GCM_SHA384";
}  // namespace

struct TlsHandshake::CertificateCheck {
  explicit CertificateCheck(TlsHandshake& asker) : owner(asker), pending(&CertificateCheck::answered, this) {}
  static void answered(void* self, hooks::ConnTlsCertEvent& event) {
    TlsHandshake& owner = static_cast<CertificateCheck*>(self)->owner;
    owner.take_answer(event);
    owner.answered_(owner.self_);
    owner.check_.reset();
  }

  TlsHandshake& owner;
  hooks::HookPending<hooks::ConnTlsCertEvent> pending;
};

TlsHandshake::TlsHandshake(ListenerState& listener, Answered answered, void* self)
    : listener_(listener), answered_(answered), self_(self) {}

TlsHandshake::~TlsHandshake() = default;

void TlsHandshake::attach(ssl_st* ssl) {
  ssl_ = ssl;
  SSL_set_app_data(ssl, static_cast<AlpnListener*>(this));
  if (!listener_.extensions->hooks.conn_tls_psk.empty()) accept_psk();
}

StreamStatus TlsHandshake::check(const session::PeerInfo& peer) {
  X509* certificate = SSL_get0_peer_certificate(ssl_);
  if (certificate == nullptr || SSL_get_verify_result(ssl_) != X509_V_OK) return StreamStatus::ok;
  certificate_ = std::make_unique<session::PeerCertificate>(describe_certificate(certificate));
  return listener_.extensions->hooks.conn_tls_cert.empty() ? StreamStatus::ok : ask(peer);
}

StreamStatus TlsHandshake::ask(const session::PeerInfo& peer) {
  hooks::ConnTlsCertEvent event;
  event.listener_id = listener_.id;
  std::copy(std::begin(peer.address), std::end(peer.address), event.peer_address.begin());
  event.peer_port = peer.port;
  event.common_name = certificate_->common_name;
  event.subject = certificate_->subject;
  event.serial = certificate_->serial;
  event.fingerprint_sha256 = certificate_->fingerprint_sha256;
  event.alternative_names = certificate_->alternative_names;
  event.der = certificate_->der;
  check_ = std::make_unique<CertificateCheck>(*this);
  base::Deferrals& deferrals = *Readiness::current().services().deferrals;
  if (!hooks::run(listener_.extensions->hooks.conn_tls_cert, deferrals, event, check_->pending)) {
    return StreamStatus::would_block;
  }
  check_.reset();
  take_answer(event);
  return refused_ ? StreamStatus::failed : StreamStatus::ok;
}

void TlsHandshake::take_answer(hooks::ConnTlsCertEvent& event) {
  refused_ = event.denied;
  certificate_->named_username = std::move(event.username);
  certificate_->named_client_id = std::move(event.client_id);
}

void TlsHandshake::give_up() {
  check_.reset();
}

void TlsHandshake::failed(const session::PeerInfo& peer, bool late) const {
  Readiness::current().services().count(refused_ ? Counter::connections_refused_hook : Counter::connections_tls_failed);
  const unsigned long code = ERR_peek_last_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  const char* why = reason == nullptr ? "connection lost" : reason;
  if (late) why = "late";
  if (refused_) why = "refused by a hook";
  base::log(base::LogArea::net, base::LogLevel::debug, "TLS handshake failed",
            {{"listener", listener_.id}, {"peer", peer.address_text()}, {"why", why}});
  ERR_clear_error();
}

void TlsHandshake::accept_psk() {
  // TLS 1.3 asks the same callback. A key that was agreed on beforehand goes with SHA-256 (RFC 8446 4.2.11), so that
  // the suites of that hash have to come first, or the certificate would be used instead.
  if (listener_.options.tls.ciphersuites.empty()) SSL_set_ciphersuites(ssl_, kPskSuites);
  SSL_set_cipher_list(ssl_, TlsGeneration::ciphers_with_psk(listener_.options.tls).c_str());
  SSL_set_psk_server_callback(ssl_, [](SSL* ssl, const char* identity, unsigned char* key, unsigned room) {
    const auto& handshake = static_cast<const TlsHandshake&>(*static_cast<AlpnListener*>(SSL_get_app_data(ssl)));
    return static_cast<unsigned>(handshake.key_of(identity, {key, room}));
  });
}

size_t TlsHandshake::key_of(std::string_view identity, std::span<uint8_t> into) const {
  // In TLS 1.3 the tickets of resumed sessions come this way as well; they are no names.
  if (identity.empty() || !base::is_clean_utf8(identity)) return 0;
  hooks::ConnTlsPskEvent event;
  event.listener_id = listener_.id;
  event.identity = identity;
  hooks::transform(listener_.extensions->hooks.conn_tls_psk, *Readiness::current().services().deferrals, event);
  const size_t size = event.key.size() <= into.size() ? event.key.size() : 0;
  std::copy_n(event.key.begin(), size, into.begin());
  OPENSSL_cleanse(event.key.data(), event.key.size());
  return size;
}

bool TlsHandshake::speaks(std::string_view alpn_name) const {
  return alpn_name == kMqttAlpn || listener_.extensions->protocols.knows_alpn(alpn_name, listener_.id);
}

void TlsHandshake::describe(connection::TransportHints& hints) const {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_, &name, &size);
  hints.alpn = {reinterpret_cast<const char*>(name), size};
  const char* server_name = SSL_get_servername(ssl_, TLSEXT_NAMETYPE_host_name);
  if (server_name != nullptr) hints.server_name = server_name;
}

}  // namespace patchbay::net

#include "net/tls_stream.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "base/log.h"
#include "base/utf8.h"
#include "hooks/dispatch.h"
#include "net/peer_certificate.h"
#include "net/tls_generation.h"

namespace patchbay::net {

using base::Counter;
using connection::StreamResult;
using connection::StreamStatus;

namespace {
constexpr std::string_view kMqttAlpn = "mqtt";
constexpr const char* kPskSuites = "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_256_GCM_SHA384";
constexpr size_t kRecord = SSL3_RT_MAX_PLAIN_LENGTH;
thread_local std::array<uint8_t, kRecord> record_buffer;
}  // namespace

/// OpenSSL's way to our socket: no call of its own, so that there is no SIGPIPE and none is made in vain.
struct TlsBio {
  static int read(BIO* bio, char* into, int size) {
    BIO_clear_retry_flags(bio);
    auto& stream = *static_cast<TlsStream*>(BIO_get_data(bio));
    const StreamResult result = stream.receive({reinterpret_cast<uint8_t*>(into), static_cast<size_t>(size)});
    if (result.status == StreamStatus::ok) return static_cast<int>(result.bytes);
    if (result.status == StreamStatus::would_block) BIO_set_retry_read(bio);
    stream.end_seen_ = stream.end_seen_ || result.status == StreamStatus::end;
    return result.status == StreamStatus::end ? 0 : -1;
  }
  static int write(BIO* bio, const char* from, int size) {
    BIO_clear_retry_flags(bio);
    auto& stream = *static_cast<TlsStream*>(BIO_get_data(bio));
    const std::span<const uint8_t> piece(reinterpret_cast<const uint8_t*>(from), static_cast<size_t>(size));
    const StreamResult result = stream.send({&piece, 1});
    if (result.status == StreamStatus::ok) return static_cast<int>(result.bytes);
    if (result.status == StreamStatus::would_block) BIO_set_retry_write(bio);
    return -1;
  }
  static long control(BIO* bio, int command, long, void*) {
    if (command == BIO_CTRL_EOF) return static_cast<TlsStream*>(BIO_get_data(bio))->end_seen_ ? 1 : 0;
    return command == BIO_CTRL_FLUSH ? 1 : 0;
  }
  static int create(BIO* bio) {
    BIO_set_init(bio, 1);
    return 1;
  }
  static const BIO_METHOD* method() {
    static BIO_METHOD* const method = [] {
      BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "patchbay socket");
      BIO_meth_set_read(made, &TlsBio::read);
      BIO_meth_set_write(made, &TlsBio::write);
      BIO_meth_set_ctrl(made, &TlsBio::control);
      BIO_meth_set_create(made, &TlsBio::create);
      return made;
    }();
    return method;
  }
};

void TlsStream::FreeSsl::operator()(ssl_st* ssl) const {
  SSL_free(ssl);
}

struct TlsStream::CertificateCheck {
  explicit CertificateCheck(TlsStream& owner) : stream(owner), pending(&CertificateCheck::answered, this) {}
  static void answered(void* self, hooks::ConnTlsCertEvent& event) {
    TlsStream& stream = static_cast<CertificateCheck*>(self)->stream;
    stream.take_answer(event);
    stream.both_ways_later();
    stream.check_.reset();
  }

  TlsStream& stream;
  hooks::HookPending<hooks::ConnTlsCertEvent> pending;
};

TlsStream::TlsStream(UniqueFd fd, const session::PeerInfo& peer, ListenerState& listener)
    : SocketStream(std::move(fd), peer, listener) {}

TlsStream::~TlsStream() = default;

StreamStatus TlsStream::outcome(int returned) {
  const int error = SSL_get_error(ssl_.get(), returned);
  wants_write_ = error == SSL_ERROR_WANT_WRITE;
  switch (error) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      return StreamStatus::would_block;
    case SSL_ERROR_ZERO_RETURN:
      return StreamStatus::end;
    default:
      broken_ = true;
      return end_seen_ ? StreamStatus::end : StreamStatus::failed;
  }
}

// The handshake ------------------------------------------------------------------------------------------------------

StreamStatus TlsStream::begin() {
  generation_ = listener().tls->current();
  ssl_.reset(SSL_new(generation_->default_context()));
  BIO* bio = BIO_new(TlsBio::method());
  if (ssl_ == nullptr || bio == nullptr) {
    BIO_free(bio);
    return StreamStatus::failed;
  }
  BIO_set_data(bio, this);
  SSL_set_bio(ssl_.get(), bio, bio);
  SSL_set_app_data(ssl_.get(), static_cast<AlpnListener*>(this));
  SSL_set_accept_state(ssl_.get());
  if (!listener().extensions->hooks.conn_tls_psk.empty()) accept_psk();
  return StreamStatus::ok;
}

StreamStatus TlsStream::shake_hands() {
  if (ready_) return StreamStatus::ok;
  if (broken_) return StreamStatus::failed;
  StreamStatus status = establish();
  if (status != StreamStatus::ok) return status;
  if (late()) return handshake_failed();
  if (check_ != nullptr) return StreamStatus::would_block;
  if (shaken_) return finish_handshake();
  if (ssl_ == nullptr) status = begin();
  if (status != StreamStatus::ok) return handshake_failed();
  ERR_clear_error();
  const int returned = SSL_do_handshake(ssl_.get());
  if (returned != 1) {
    status = outcome(returned);
    return status == StreamStatus::would_block ? status : handshake_failed();
  }
  wants_write_ = false;
  shaken_ = true;
  take_certificate();
  if (certificate_ != nullptr && !listener().extensions->hooks.conn_tls_cert.empty()) status = check_certificate();
  return status == StreamStatus::ok ? finish_handshake() : status;
}

StreamStatus TlsStream::finish_handshake() {
  if (refused_) return handshake_failed();
  ready_ = true;
  end_deadline();
  return StreamStatus::ok;
}

StreamStatus TlsStream::handshake_failed() {
  broken_ = true;
  wants_write_ = false;
  check_.reset();
  count(refused_ ? Counter::connections_refused_hook : Counter::connections_tls_failed);
  const unsigned long code = ERR_peek_last_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  base::log(base::LogArea::net, base::LogLevel::debug, "TLS handshake failed",
            {{"listener", listener().id},
             {"peer", peer().address_text()},
             {"why", refused_ ? "refused by a hook"
                     : late() ? "late"
                              : (reason == nullptr ? "connection lost" : reason)}});
  ERR_clear_error();
  return StreamStatus::failed;
}

void TlsStream::take_certificate() {
  X509* certificate = SSL_get0_peer_certificate(ssl_.get());
  if (certificate == nullptr || SSL_get_verify_result(ssl_.get()) != X509_V_OK) return;
  certificate_ = std::make_unique<session::PeerCertificate>(describe_certificate(certificate));
  set_certificate(certificate_.get());
}

StreamStatus TlsStream::check_certificate() {
  hooks::ConnTlsCertEvent event;
  event.listener_id = listener().id;
  std::copy(std::begin(peer().address), std::end(peer().address), event.peer_address.begin());
  event.peer_port = peer().port;
  event.common_name = certificate_->common_name;
  event.subject = certificate_->subject;
  event.serial = certificate_->serial;
  event.fingerprint_sha256 = certificate_->fingerprint_sha256;
  event.alternative_names = certificate_->alternative_names;
  event.der = certificate_->der;
  check_ = std::make_unique<CertificateCheck>(*this);
  base::Deferrals& deferrals = *Readiness::current().services().deferrals;
  if (!hooks::run(listener().extensions->hooks.conn_tls_cert, deferrals, event, check_->pending)) {
    return StreamStatus::would_block;
  }
  check_.reset();
  take_answer(event);
  return StreamStatus::ok;
}

void TlsStream::take_answer(hooks::ConnTlsCertEvent& event) {
  refused_ = event.denied;
  certificate_->named_username = std::move(event.username);
  certificate_->named_client_id = std::move(event.client_id);
}

// Pre-shared keys and names of protocols -----------------------------------------------------------------------------

void TlsStream::accept_psk() {
  // TLS 1.3 asks the same callback. A key that was agreed on beforehand goes with SHA-256 (RFC 8446 4.2.11), so that
  // the suites of that hash have to come first, or the certificate would be used instead.
  if (listener().options.tls.ciphersuites.empty()) SSL_set_ciphersuites(ssl_.get(), kPskSuites);
  SSL_set_cipher_list(ssl_.get(), TlsGeneration::ciphers_with_psk(listener().options.tls).c_str());
  SSL_set_psk_server_callback(ssl_.get(), [](SSL* ssl, const char* identity, unsigned char* key, unsigned room) {
    const auto& stream = static_cast<const TlsStream&>(*static_cast<AlpnListener*>(SSL_get_app_data(ssl)));
    return static_cast<unsigned>(stream.key_of(identity, {key, room}));
  });
}

size_t TlsStream::key_of(std::string_view identity, std::span<uint8_t> into) const {
  // In TLS 1.3 the tickets of resumed sessions come this way as well; they are no names.
  if (identity.empty() || !base::is_clean_utf8(identity)) return 0;
  hooks::ConnTlsPskEvent event;
  event.listener_id = listener().id;
  event.identity = identity;
  hooks::transform(listener().extensions->hooks.conn_tls_psk, *Readiness::current().services().deferrals, event);
  const size_t size = event.key.size() <= into.size() ? event.key.size() : 0;
  std::copy_n(event.key.begin(), size, into.begin());
  OPENSSL_cleanse(event.key.data(), event.key.size());
  return size;
}

bool TlsStream::speaks(std::string_view alpn_name) const {
  return alpn_name == kMqttAlpn || listener().extensions->protocols.knows_alpn(alpn_name, listener().id);
}

void TlsStream::describe(connection::TransportHints& hints) const {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_.get(), &name, &size);
  hints.alpn = {reinterpret_cast<const char*>(name), size};
  const char* server_name = SSL_get_servername(ssl_.get(), TLSEXT_NAMETYPE_host_name);
  if (server_name != nullptr) hints.server_name = server_name;
}

// Bytes --------------------------------------------------------------------------------------------------------------

StreamResult TlsStream::read(std::span<uint8_t> into) {
  const bool was_ready = ready_;
  const StreamStatus status = shake_hands();
  if (status != StreamStatus::ok) return {status, 0};
  // What waited for the handshake may leave now.
  if (!was_ready) both_ways_later();
  if (broken_) return {end_seen_ ? StreamStatus::end : StreamStatus::failed, 0};
  ERR_clear_error();
  size_t size = 0;
  const int returned = SSL_read_ex(ssl_.get(), into.data(), into.size(), &size);
  if (returned == 1) return {StreamStatus::ok, size};
  return {outcome(returned), 0};
}

StreamResult TlsStream::write(std::span<const std::span<const uint8_t>> pieces) {
  const bool was_ready = ready_;
  const StreamStatus status = shake_hands();
  if (status != StreamStatus::ok) return {status, 0};
  if (!was_ready) both_ways_later();
  if (broken_) return {StreamStatus::failed, 0};
  size_t size = 0;
  for (const auto& piece : pieces) {
    const size_t part = std::min(piece.size(), kRecord - size);
    std::memcpy(record_buffer.data() + size, piece.data(), part);
    size += part;
    if (size == kRecord) break;
  }
  wants_write_ = false;
  if (size == 0) return {StreamStatus::ok, 0};
  ERR_clear_error();
  size_t written = 0;
  const int returned = SSL_write_ex(ssl_.get(), record_buffer.data(), size, &written);
  half_written_ = returned != 1;
  if (returned == 1) return {StreamStatus::ok, written};
  const StreamStatus failure = outcome(returned);
  // The caller still has the bytes and offers them again: nothing else waits in here.
  wants_write_ = false;
  return {failure, 0};
}

void TlsStream::say_goodbye() {
  check_.reset();
  if (!ready_ || broken_ || half_written_ || !open()) return;
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
  ERR_clear_error();
  broken_ = true;  // nothing may follow it
}

void TlsStream::close() {
  say_goodbye();
  SocketStream::close();
}

bool TlsStream::finish_sending() {
  say_goodbye();
  return ready_ && SocketStream::finish_sending();
}

}  // namespace patchbay::net

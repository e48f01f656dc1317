#include "net/tls_stream.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "net/tls_generation.h"

namespace patchbay::net {

using connection::StreamResult;
using connection::StreamStatus;

namespace {
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

TlsStream::TlsStream(UniqueFd fd, const session::PeerInfo& peer, ListenerState& listener)
    : SocketStream(std::move(fd), peer, listener),
      handshake_(
          listener, [](void* self) { static_cast<TlsStream*>(self)->both_ways_later(); }, this) {}

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
  SSL_set_accept_state(ssl_.get());
  handshake_.attach(ssl_.get());
  return StreamStatus::ok;
}

StreamStatus TlsStream::shake_hands() {
  if (ready_) return StreamStatus::ok;
  if (broken_) return StreamStatus::failed;
  StreamStatus status = establish();
  if (status != StreamStatus::ok) return status;
  if (late()) return handshake_failed();
  if (handshake_.waits()) return StreamStatus::would_block;
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
  status = handshake_.check(peer());
  set_certificate(handshake_.certificate());
  return status == StreamStatus::would_block ? status : finish_handshake();
}

StreamStatus TlsStream::finish_handshake() {
  if (handshake_.refused()) return handshake_failed();
  ready_ = true;
  end_deadline();
  return StreamStatus::ok;
}

StreamStatus TlsStream::handshake_failed() {
  broken_ = true;
  wants_write_ = false;
  handshake_.give_up();
  handshake_.failed(peer(), late());
  return StreamStatus::failed;
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
  handshake_.give_up();
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

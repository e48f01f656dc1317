#include "net/dtls_stream.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/time.h>

#include <utility>

#include "net/tls_generation.h"

namespace patchbay::net {

using connection::StreamResult;
using connection::StreamStatus;

DtlsStream::DtlsStream(std::shared_ptr<DatagramAssociation> association, const session::PeerInfo& peer,
                       ListenerState& listener, DtlsOpening opening, std::string_view peer_key)
    : DatagramStream(std::move(association), peer, listener),
      peer_key_(peer_key),
      generation_(std::move(opening.generation)),
      ssl_(std::move(opening.ssl)),
      handshake_(
          listener, [](void* self) { static_cast<DtlsStream*>(self)->both_ways_later(); }, this) {
  set_link(*ssl_, *this);
  handshake_.attach(ssl_.get());
  retransmission_.bind(&DtlsStream::retransmit, this);
}

DtlsStream::~DtlsStream() {
  close();
}

void DtlsStream::watch(connection::StreamWatcher* watcher) {
  DatagramStream::watch(watcher);
  if (watcher == nullptr || ready_ || deadline_ != nullptr) return;
  deadline_ = std::make_unique<HandshakeDeadline>(*this, listener().options.tls.handshake_timeout_s);
  request_turn();  // the hello is inside of OpenSSL already
}

size_t DtlsStream::receive_record(std::span<uint8_t> into) {
  const StreamResult result = association().read(into);
  ended_ = ended_ || result.status == StreamStatus::end;
  return result.status == StreamStatus::ok ? result.bytes : 0;
}

void DtlsStream::send_record(std::span<const uint8_t> datagram) {
  association().send(datagram);
}

StreamStatus DtlsStream::outcome(int returned) {
  switch (SSL_get_error(ssl_.get(), returned)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      return ended_ ? StreamStatus::end : StreamStatus::would_block;
    case SSL_ERROR_ZERO_RETURN:
      return StreamStatus::end;
    default:
      broken_ = true;
      return StreamStatus::failed;
  }
}

// The handshake ------------------------------------------------------------------------------------------------------

StreamStatus DtlsStream::shake_hands() {
  if (ready_) return StreamStatus::ok;
  if (broken_) return StreamStatus::failed;
  if (deadline_ != nullptr && deadline_->expired()) return handshake_failed();
  if (handshake_.waits()) return StreamStatus::would_block;
  if (shaken_) return finish_handshake();
  ERR_clear_error();
  const int returned = SSL_do_handshake(ssl_.get());
  if (returned != 1) {
    const StreamStatus status = outcome(returned);
    if (status != StreamStatus::would_block) return handshake_failed();
    start_retransmission();
    return status;
  }
  shaken_ = true;
  retransmission_.stop();
  const StreamStatus status = handshake_.check(peer());
  set_certificate(handshake_.certificate());
  return status == StreamStatus::would_block ? status : finish_handshake();
}

StreamStatus DtlsStream::finish_handshake() {
  if (handshake_.refused()) return handshake_failed();
  ready_ = true;
  deadline_.reset();
  association().settle();
  both_ways_later();
  return StreamStatus::ok;
}

StreamStatus DtlsStream::handshake_failed() {
  broken_ = true;
  retransmission_.stop();
  handshake_.give_up();
  handshake_.failed(peer(), deadline_ != nullptr && deadline_->expired());
  return StreamStatus::failed;
}

void DtlsStream::start_retransmission() {
  timeval left{};
  if (DTLSv1_get_timeout(ssl_.get(), &left) != 1) return;
  const uint64_t left_ms = static_cast<uint64_t>(left.tv_sec) * 1'000 + static_cast<uint64_t>(left.tv_usec) / 1'000;
  Readiness::current().services().start(retransmission_, left_ms + 1);
}

void DtlsStream::retransmit(void* self) {
  auto& stream = *static_cast<DtlsStream*>(self);
  ERR_clear_error();
  if (DTLSv1_handle_timeout(stream.ssl_.get()) < 0) stream.broken_ = true;
  if (stream.broken_) {
    stream.request_turn();
    return;
  }
  stream.start_retransmission();
}

// Datagrams ----------------------------------------------------------------------------------------------------------

StreamResult DtlsStream::take(std::span<uint8_t> into) {
  const StreamStatus status = shake_hands();
  if (status != StreamStatus::ok) return {status, 0};
  if (broken_) return {StreamStatus::failed, 0};
  for (;;) {
    ERR_clear_error();
    size_t size = 0;
    const int returned = SSL_read_ex(ssl_.get(), into.data(), into.size(), &size);
    if (returned != 1) return {outcome(returned), 0};
    if (SSL_pending(ssl_.get()) == 0) return {StreamStatus::ok, size};
    // Cut, it would be something else.
    while (SSL_pending(ssl_.get()) > 0 && SSL_read_ex(ssl_.get(), into.data(), into.size(), &size) == 1) {
    }
    listener().datagrams_dropped.fetch_add(1, std::memory_order_relaxed);
  }
}

StreamStatus DtlsStream::before_sending() {
  if (broken_) return StreamStatus::failed;
  return ready_ ? StreamStatus::ok : StreamStatus::would_block;
}

void DtlsStream::send(std::span<const uint8_t> datagram) {
  if (datagram.empty()) return;
  ERR_clear_error();
  size_t written = 0;
  if (datagram.size() <= kMaximumRecord && SSL_write_ex(ssl_.get(), datagram.data(), datagram.size(), &written) == 1) {
    return;
  }
  ERR_clear_error();
  listener().datagrams_dropped.fetch_add(1, std::memory_order_relaxed);
}

void DtlsStream::say_goodbye() {
  handshake_.give_up();
  retransmission_.stop();
  deadline_.reset();
  if (!ready_ || std::exchange(broken_, true) || ended_) return;
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

void DtlsStream::close() {
  say_goodbye();
  DatagramStream::close();
}

}  // namespace patchbay::net

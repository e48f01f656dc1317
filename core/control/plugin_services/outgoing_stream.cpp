#include "plugin_services/outgoing_stream.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/assert.h"
#include "patchbay/protocol.h"

namespace patchbay::plugin_services {

using net::Readiness;
using net::TlsClient;

namespace {

constexpr size_t kPieceBytes = 16384;
constexpr int kPiecesInTurn = 16;  // then others have their turn

std::string error_text(int code) {
  return std::strerror(code);
}

}  // namespace

OutgoingStream::OutgoingStream(ServiceAccount& account, OutgoingStreamOwner& owner, uint64_t id, OutgoingTarget target,
                               const patchbay_stream_events& events, void* self)
    : account_(account), owner_(owner), id_(id), target_(std::move(target)), events_(events), self_(self) {
  timer_.bind(&OutgoingStream::late, this);
}

OutgoingStream::~OutgoingStream() {
  PATCHBAY_ASSERT(!fd_);
}

void OutgoingStream::begin() {
  // A worker may have been faster than this mail.
  if (alive() && state_ < State::open) Readiness::current().services().start(timer_, target_.connect_timeout_ms);
}

void OutgoingStream::late(void* self) {
  auto& stream = *static_cast<OutgoingStream*>(self);
  stream.end(stream.closing_ ? "closed by the plugin, before all of its output had left"
                             : stream.target_.text() + ": not connected within " +
                                   std::to_string(stream.target_.connect_timeout_ms) + " ms");
}

// Connecting ---------------------------------------------------------------------------------------------------------

void OutgoingStream::connect(std::vector<OutgoingAddress> addresses,
                             std::shared_ptr<const net::TlsClientContext> trusted) {
  if (!alive()) return;
  addresses_ = std::move(addresses);
  trusted_ = std::move(trusted);
  connect_next("no address");
}

void OutgoingStream::connect_next(const std::string& last_failure) {
  std::string failure = last_failure;
  drop_socket();
  while (next_address_ < addresses_.size()) {
    if (!begin_connect(addresses_[next_address_++], failure)) continue;
    state_ = State::connecting;
    // What is ready at once is told by no edge.
    Readiness::current().request_turn(*this);
    return;
  }
  end_soon(target_.text() + ": " + failure);
}

bool OutgoingStream::begin_connect(const OutgoingAddress& address, std::string& failure) {
  const bool datagrams = target_.transport == PATCHBAY_TRANSPORT_UDP;
  net::UniqueFd fd(
      ::socket(address.storage.ss_family, (datagrams ? SOCK_DGRAM : SOCK_STREAM) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const auto* where = reinterpret_cast<const sockaddr*>(&address.storage);
  if (!fd || (::connect(fd.get(), where, address.size) != 0 && errno != EINPROGRESS)) {
    failure = error_text(errno);
    return false;
  }
  const int on = 1;
  if (!datagrams) setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  if (!Readiness::current().add(fd.get(), *this)) {
    failure = "the system watches no more descriptors";
    return false;
  }
  fd_ = std::move(fd);
  return true;
}

void OutgoingStream::drop_socket() {
  if (!fd_) return;
  Readiness::current().remove(fd_.get(), *this, true);
  fd_.reset();
}

void OutgoingStream::finish_connect() {
  int code = 0;
  socklen_t size = sizeof(code);
  getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &code, &size);
  if (code != 0) return connect_next(error_text(code));
  sockaddr_storage peer = {};
  socklen_t peer_size = sizeof(peer);
  if (getpeername(fd_.get(), reinterpret_cast<sockaddr*>(&peer), &peer_size) != 0) {
    Readiness::current().write_blocked(fd_.get(), *this);  // still on its way
    return;
  }
  if (target_.transport != PATCHBAY_TRANSPORT_TLS) return opened();
  tls_ = std::make_unique<TlsClient>(trusted_, target_.server_name);
  state_ = State::shaking;
  shake_hands();
}

void OutgoingStream::shake_hands() {
  const TlsClient::Status status = tls_->shake_hands();
  tls_->take_output(output_);
  if (status == TlsClient::Status::failed) return end_soon(target_.text() + ": " + tls_->reason());
  if (status == TlsClient::Status::ok) opened();
}

void OutgoingStream::opened() {
  timer_.stop();
  state_ = State::open;
  if (!account_.call(Door::stream, [&] { events_.on_connected(self_, reinterpret_cast<patchbay_stream*>(this)); }))
    end_soon("on_connected() threw");
}

// A turn -------------------------------------------------------------------------------------------------------------

void OutgoingStream::advance() {
  const std::shared_ptr<OutgoingStream> kept = shared_from_this();  // it may end here
  if (alive() && state_ == State::connecting) finish_connect();
  if (alive() && state_ >= State::shaking) {
    target_.transport == PATCHBAY_TRANSPORT_UDP ? read_datagrams() : read();
  }
  if (fd_ && state_ != State::connecting && (alive() || tls_ != nullptr)) flush();
  if (state_ != State::ended && !end_text_.empty()) end(end_text_);
}

void OutgoingStream::read() {
  std::array<char, kPieceBytes> piece;
  for (int pieces = 0; alive() && !closing_; ++pieces) {
    if (pieces == kPiecesInTurn) return Readiness::current().request_turn(*this);
    const ssize_t size = ::recv(fd_.get(), piece.data(), piece.size(), 0);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
      return Readiness::current().read_drained(fd_.get(), *this);
    if (size < 0) return end_soon(target_.text() + ": " + error_text(errno));
    if (size == 0) return end_soon("closed by the other end");
    if (!take_input({piece.data(), static_cast<size_t>(size)})) return;
    deliver();
  }
}

/// From the socket into input_; false: nothing is to be delivered.
bool OutgoingStream::take_input(std::string_view bytes) {
  if (tls_ == nullptr) {
    input_.append(bytes);
    return true;
  }
  tls_->feed(bytes);
  if (state_ == State::shaking) shake_hands();
  if (!alive() || state_ != State::open) return alive();
  const TlsClient::Status status = tls_->read(input_);
  if (status == TlsClient::Status::failed) end_soon(target_.text() + ": " + tls_->reason());
  if (status == TlsClient::Status::ended) peer_ended_ = true;
  return status != TlsClient::Status::failed;
}

void OutgoingStream::read_datagrams() {
  std::array<char, 65536> datagram;
  for (int pieces = 0; alive() && !closing_; ++pieces) {
    if (pieces == kPiecesInTurn) return Readiness::current().request_turn(*this);
    const ssize_t size = ::recv(fd_.get(), datagram.data(), datagram.size(), 0);
    // Nobody listens there now: with datagrams that is no end, somebody may later.
    if (size < 0 && (errno == EINTR || errno == ECONNREFUSED)) continue;
    if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
      return Readiness::current().read_drained(fd_.get(), *this);
    if (size < 0) return end_soon(target_.text() + ": " + error_text(errno));
    static_cast<void>(deliver({datagram.data(), static_cast<size_t>(size)}));
  }
}

size_t OutgoingStream::deliver(std::string_view bytes) {
  size_t consumed = 0;
  need_ = 0;
  const bool fine = account_.call(Door::stream, [&] { consumed = events_.on_bytes(self_, bytes_of(bytes), &need_); });
  if (!fine) end_soon("on_bytes() threw");
  return std::min(consumed, bytes.size());
}

void OutgoingStream::deliver() {
  size_t begin = 0;
  while (alive() && !closing_ && begin < input_.size() && input_.size() - begin >= need_) {
    const size_t consumed = deliver(std::string_view(input_).substr(begin));
    begin += consumed;
    if (consumed == 0) break;
  }
  input_.erase(0, begin);
  if (!alive()) return;
  if (input_.size() > kMaximumInputBytes)
    return end_soon("more than " + std::to_string(kMaximumInputBytes) + " bytes wait for on_bytes() to take them");
  if (peer_ended_) end_soon("closed by the other end");
}

void OutgoingStream::flush() {
  if (tls_ != nullptr) {
    if (closing_ && alive()) tls_->end();
    tls_->take_output(output_);
  }
  while (sent_ < output_.size()) {
    const ssize_t size = ::send(fd_.get(), output_.data() + sent_, output_.size() - sent_, MSG_NOSIGNAL);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      Readiness::current().write_blocked(fd_.get(), *this);
      break;
    }
    if (size < 0) return end_soon(target_.text() + ": " + error_text(errno));
    sent_ += static_cast<size_t>(size);
  }
  if (sent_ == output_.size() || sent_ > kBusyBytes) {
    output_.erase(0, sent_);
    sent_ = 0;
  }
  if (closing_ && output_.empty()) return end_soon("closed by the plugin");
  if (!blocked_ || closing_ || !alive() || waiting_bytes() > kBusyBytes / 2) return;
  blocked_ = false;
  if (!account_.call(Door::stream, [&] { events_.on_writable(self_); })) end_soon("on_writable() threw");
}

// What the plugin asks for -------------------------------------------------------------------------------------------

patchbay_status OutgoingStream::write(const patchbay_bytes* spans, size_t count) {
  if (state_ != State::open || closing_ || !alive()) return PATCHBAY_CLOSED;
  if (target_.transport == PATCHBAY_TRANSPORT_UDP) return write_datagram(spans, count);
  for (size_t i = 0; i < count; ++i) {
    const std::string_view bytes = view_of(spans[i]);
    if (tls_ == nullptr) {
      output_.append(bytes);
    } else if (!bytes.empty() && !tls_->write(bytes)) {
      end_soon(target_.text() + ": " + tls_->reason());
      return PATCHBAY_CLOSED;
    }
  }
  if (tls_ != nullptr) tls_->take_output(output_);
  Readiness::current().request_turn(*this);
  if (waiting_bytes() > kMaximumOutputBytes) {
    end_soon("more than " + std::to_string(kMaximumOutputBytes) + " bytes of output wait");
    return PATCHBAY_TOO_LARGE;
  }
  if (waiting_bytes() <= kBusyBytes) return PATCHBAY_OK;
  blocked_ = true;
  return PATCHBAY_BUSY;
}

patchbay_status OutgoingStream::write_datagram(const patchbay_bytes* spans, size_t count) {
  std::string datagram;
  for (size_t i = 0; i < count; ++i) datagram.append(view_of(spans[i]));
  const ssize_t size = ::send(fd_.get(), datagram.data(), datagram.size(), MSG_NOSIGNAL);
  // What the system has no room for now is lost, as any datagram may be.
  return size < 0 && errno == EMSGSIZE ? PATCHBAY_TOO_LARGE : PATCHBAY_OK;
}

patchbay_status OutgoingStream::close() {
  if (state_ == State::ended || closing_) return PATCHBAY_CLOSED;
  closing_ = true;
  Readiness::current().services().start(timer_, kGoodbyeMs);
  if (fd_) Readiness::current().request_turn(*this);
  return PATCHBAY_OK;
}

// Its end ------------------------------------------------------------------------------------------------------------

void OutgoingStream::end_soon(std::string text) {
  if (!end_text_.empty() || state_ == State::ended) return;
  end_text_ = std::move(text);
  if (fd_) return Readiness::current().request_turn(*this);
  // No socket was ever made or it is gone, so nothing of the plugin is on the stack: it has no handle yet.
  end(end_text_);
}

void OutgoingStream::end(const std::string& text) {
  if (std::exchange(state_, State::ended) == State::ended) return;
  const std::shared_ptr<OutgoingStream> kept = shared_from_this();
  timer_.stop();
  drop_socket();
  tls_.reset();
  static_cast<void>(account_.call(Door::stream, [&] { events_.on_closed(self_, str_of(text)); }));
  owner_.ended(*this);
}

}  // namespace patchbay::plugin_services

#include "net/socket_stream.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "net/accept_hook.h"
#include "net/proxy_header.h"
#include "net/socket_address.h"
#include "net/system_calls.h"

namespace patchbay::net {

using base::Counter;
using connection::StreamResult;
using connection::StreamStatus;

SocketStream::SocketStream(UniqueFd fd, const session::PeerInfo& peer, ListenerState& listener)
    : fd_(std::move(fd)), peer_(peer) {
  peer_.listener = &listener;
}

SocketStream::~SocketStream() {
  if (watcher_ != nullptr) Readiness::current().remove(fd_.get(), *this, true);
  leave_quotas();
}

void SocketStream::leave_quotas() {
  if (address_taken_) listener().addresses->give_back(peer_.address);
  if (admitted_) listener().discharge();
  if (keeps_place_) listener().quota->give_back();
  address_taken_ = admitted_ = keeps_place_ = false;
}

void SocketStream::watch(connection::StreamWatcher* watcher) {
  Readiness& readiness = Readiness::current();
  if (watcher == nullptr) {
    if (watcher_ != nullptr) readiness.remove(fd_.get(), *this, false);
    watcher_ = nullptr;
    return;
  }
  watcher_ = watcher;
  if (!readiness.add(fd_.get(), *this)) {
    // Out of watches: as good as a broken socket, and the reader finds out in its next turn.
    ended_ = true;
    fd_.reset();
    request_turn();
    return;
  }
  if (established_ || deadline_ != nullptr) return;
  const ListenerOptions& options = listener().options;
  if (options.proxy_protocol) {
    deadline_ = std::make_unique<HandshakeDeadline>(*this, options.proxy_protocol_timeout_s);
  } else if (listener().tls != nullptr) {
    deadline_ = std::make_unique<HandshakeDeadline>(*this, options.tls.handshake_timeout_s);
  }
}

void SocketStream::request_turn() {
  if (watcher_ != nullptr) Readiness::current().request_turn(*this);
}

void SocketStream::both_ways_later() {
  retry_write_ = true;
  request_turn();
}

void SocketStream::on_ready(uint32_t what) {
  if ((what & kEnded) != 0) ended_ = true;
  if ((what & kReadable) != 0) {
    drained_ = false;
    if (watcher_ != nullptr) watcher_->on_readable();
  }
  if ((what & kWritable) != 0 && write_blocked_) {
    write_blocked_ = false;
    if (watcher_ != nullptr) watcher_->on_writable();
  }
}

void SocketStream::on_turn() {
  if (watcher_ != nullptr) watcher_->on_readable();
  if (retry_write_ && watcher_ != nullptr) watcher_->on_writable();
  retry_write_ = false;
}

StreamResult SocketStream::receive(std::span<uint8_t> into) {
  if (drained_ && !ended_) return {StreamStatus::would_block, 0};
  ssize_t got = 0;
  do {
    got = receive_bytes(fd_.get(), into.data(), into.size());
  } while (got < 0 && errno == EINTR);
  if (got > 0) {
    // Less than asked for: that was all. An end that follows makes a new event, one that came already is `ended_`.
    drained_ = static_cast<size_t>(got) < into.size();
    if (drained_) Readiness::current().read_drained(fd_.get(), *this);
    return {StreamStatus::ok, static_cast<size_t>(got), drained_ && !ended_};
  }
  if (got == 0) return {StreamStatus::end, 0};
  if (errno != EAGAIN && errno != EWOULDBLOCK) return {StreamStatus::failed, 0};
  drained_ = true;
  Readiness::current().read_drained(fd_.get(), *this);
  return {StreamStatus::would_block, 0};
}

ssize_t SocketStream::send_pieces(std::span<const std::span<const uint8_t>> pieces, size_t& offered) const {
  if (pieces.size() == 1) {
    offered = pieces[0].size();
    return send_bytes(fd_.get(), pieces[0].data(), offered);
  }
  std::array<iovec, kPieces> vectors;
  const size_t count = std::min(pieces.size(), kPieces);
  offered = 0;
  for (size_t at = 0; at < count; ++at) {
    vectors[at] = {const_cast<uint8_t*>(pieces[at].data()), pieces[at].size()};
    offered += pieces[at].size();
  }
  msghdr message = {};
  message.msg_iov = vectors.data();
  message.msg_iovlen = count;
  return sendmsg(fd_.get(), &message, MSG_NOSIGNAL);
}

StreamResult SocketStream::send(std::span<const std::span<const uint8_t>> pieces) {
  if (write_blocked_) return {StreamStatus::would_block, 0};
  if (pieces.empty()) return {StreamStatus::ok, 0};
  size_t offered = 0;
  ssize_t sent = 0;
  do {
    sent = send_pieces(pieces, offered);
  } while (sent < 0 && errno == EINTR);
  if (sent < 0 && errno != EAGAIN && errno != EWOULDBLOCK) return {StreamStatus::failed, 0};
  write_blocked_ = sent < 0 || static_cast<size_t>(sent) < offered;
  if (write_blocked_) Readiness::current().write_blocked(fd_.get(), *this);
  if (sent < 0) return {StreamStatus::would_block, 0};
  return {StreamStatus::ok, static_cast<size_t>(sent)};
}

void SocketStream::discard_input() {
  // Closing with unread input would reset the connection, and the peer might never see our last words.
  constexpr int kAtMost = 16;
  std::array<uint8_t, 4096> waste;
  for (int reads = 0; reads < kAtMost && !drained_; ++reads) {
    if (recv(fd_.get(), waste.data(), waste.size(), 0) < static_cast<ssize_t>(waste.size())) drained_ = true;
  }
}

void SocketStream::close() {
  deadline_.reset();
  if (!fd_) return;
  if (watcher_ != nullptr) Readiness::current().remove(fd_.get(), *this, true);
  watcher_ = nullptr;
  discard_input();
  leave_quotas();  // first: who sees the end of this connection may come again
  fd_.reset();
}

bool SocketStream::finish_sending() {
  deadline_.reset();
  if (!fd_ || !established_) return false;  // a peer that has ended may have left much unread in front of its end
  leave_quotas();                           // as in close(); but where descriptors are scarce none of them waits
  keeps_place_ = listener().quota->take();
  return keeps_place_ && shutdown(fd_.get(), SHUT_WR) == 0;
}

StreamResult SocketStream::discard(size_t limit) {
  std::array<uint8_t, 16 * 1024> waste;
  return receive(std::span(waste).first(std::min(limit, waste.size())));
}

StreamStatus SocketStream::establish_now() {
  if (listener().options.proxy_protocol) {
    if (late()) {
      count(Counter::connections_proxy_failed);
      return StreamStatus::failed;
    }
    const StreamStatus status = read_proxy_header();
    if (status != StreamStatus::ok) return status;
    if (!accept_allowed(peer_, true, listener(), Readiness::current().services())) return StreamStatus::failed;
  }
  if (listener().addresses != nullptr) {
    if (!listener().addresses->take(peer_.address)) {
      count(Counter::connections_refused_limit);
      return StreamStatus::failed;
    }
    address_taken_ = true;
  }
  established_ = true;
  if (listener().tls == nullptr) {
    end_deadline();
  } else if (listener().options.proxy_protocol) {
    deadline_ = std::make_unique<HandshakeDeadline>(*this, listener().options.tls.handshake_timeout_s);
  }
  return StreamStatus::ok;
}

StreamStatus SocketStream::read_proxy_header() {
  // The header is looked at, and taken out only when it is complete: what follows is for whoever comes next, and while
  // it is incomplete the socket keeps it for us.
  std::array<uint8_t, 4096> bytes;
  const size_t limit = std::min(listener().limits.proxy_header_limit, bytes.size());
  const ssize_t got = recv(fd_.get(), bytes.data(), limit, MSG_PEEK);
  const bool nothing_yet = got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
  ProxyHeader header;
  ProxyHeaderStatus status = ProxyHeaderStatus::malformed;
  if (got > 0) status = parse_proxy_header({bytes.data(), static_cast<size_t>(got)}, limit, header);
  if (nothing_yet || (status == ProxyHeaderStatus::incomplete && !ended_)) {
    drained_ = true;
    Readiness::current().read_drained(fd_.get(), *this);
    return StreamStatus::would_block;
  }
  if (status != ProxyHeaderStatus::complete ||
      recv(fd_.get(), bytes.data(), header.size, 0) != static_cast<ssize_t>(header.size)) {
    count(Counter::connections_proxy_failed);
    return StreamStatus::failed;
  }
  // What follows the header came with it, or comes with a new event.
  drained_ = static_cast<size_t>(got) == header.size;
  if (drained_) Readiness::current().read_drained(fd_.get(), *this);
  take_address(header);
  return StreamStatus::ok;
}

void SocketStream::take_address(const ProxyHeader& header) {
  if (!header.has_address) return;
  peer_.loopback = false;
  std::copy(std::begin(header.address), std::end(header.address), peer_.address);
  peer_.port = header.port;
}

}  // namespace patchbay::net

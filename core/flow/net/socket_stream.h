#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "connection/stream.h"
#include "net/handshake_deadline.h"
#include "net/listener_state.h"
#include "net/readiness.h"
#include "net/unique_fd.h"

namespace patchbay::net {

struct ProxyHeader;

/// What TCP and TLS streams have in common: a non-blocking socket, its readiness, its place in the quotas, and the
/// PROXY header in front of everything else. [shard]
class SocketStream : public connection::Stream, private ReadinessEntry {
 public:
  /// `listener` has admitted the connection; it is discharged when the stream closes.
  SocketStream(UniqueFd fd, const session::PeerInfo& peer, ListenerState& listener);
  ~SocketStream() override;

  void close() override;
  [[nodiscard]] bool finish_sending() override;
  [[nodiscard]] connection::StreamResult discard(size_t limit) override;
  void watch(connection::StreamWatcher* watcher) override;
  void request_turn() override;
  [[nodiscard]] const session::PeerInfo& peer() const override { return peer_; }
  [[nodiscard]] bool has_pending_output() const override { return false; }
  [[nodiscard]] bool established() const override { return established_ || !listener().options.proxy_protocol; }

 protected:
  /// ok when nothing stands between the socket and the stream's own protocol any more: reads the PROXY header, and
  /// refuses the address when it has too many connections.
  [[nodiscard]] connection::StreamStatus establish() {
    return established_ ? connection::StreamStatus::ok : establish_now();
  }
  /// The handshake's time is up.
  [[nodiscard]] bool late() const { return deadline_ != nullptr && deadline_->expired(); }
  void end_deadline() { deadline_.reset(); }
  /// A handshake ended in a call that was not the one which waits for it: calls the watcher for both directions soon.
  void both_ways_later();
  void count(base::Counter counter) const { Readiness::current().services().count(counter); }
  /// What peer().listener points to: the constructor was given it.
  [[nodiscard]] ListenerState& listener() const {
    return static_cast<ListenerState&>(const_cast<session::ListenerInfo&>(*peer_.listener));
  }
  void set_certificate(const session::PeerCertificate* certificate) { peer_.certificate = certificate; }

  /// recv() and sendmsg(), which remember when there is nothing more to do so that the next call costs nothing.
  [[nodiscard]] connection::StreamResult receive(std::span<uint8_t> into);
  [[nodiscard]] connection::StreamResult send(std::span<const std::span<const uint8_t>> pieces);
  [[nodiscard]] bool open() const { return static_cast<bool>(fd_); }

 private:
  static constexpr size_t kPieces = 256;

  void on_ready(uint32_t what) override;
  void on_turn() override;
  [[nodiscard]] int descriptor() const override { return fd_.get(); }
  [[nodiscard]] connection::StreamStatus establish_now();
  [[nodiscard]] connection::StreamStatus read_proxy_header();
  void take_address(const ProxyHeader& header);
  [[nodiscard]] ssize_t send_pieces(std::span<const std::span<const uint8_t>> pieces, size_t& offered) const;
  void discard_input();
  void leave_quotas();

  UniqueFd fd_;  // first, where it fits behind the last base
  connection::StreamWatcher* watcher_ = nullptr;
  std::unique_ptr<HandshakeDeadline> deadline_;
  session::PeerInfo peer_;
  bool established_ : 1 = false;
  bool address_taken_ : 1 = false;
  bool admitted_ : 1 = true;
  bool keeps_place_ : 1 = false;    ///< counted by the node's quota only: the descriptor is still open
  bool drained_ : 1 = true;         ///< the last read took all there was
  bool ended_ : 1 = false;          ///< the peer is done, or the socket broken: read until it says so
  bool write_blocked_ : 1 = false;  ///< the last write filled the socket
  bool retry_write_ : 1 = false;
};

}  // namespace patchbay::net

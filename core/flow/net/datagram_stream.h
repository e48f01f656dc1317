#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "connection/stream.h"
#include "net/datagram_association.h"
#include "net/listener_state.h"
#include "net/readiness.h"

namespace patchbay::net {

/// A datagram association as a stream: a read gives one whole datagram; what is written is a sequence of datagrams,
/// each with its length in two bytes, the higher one first, in front. [shard]
class DatagramStream : public connection::Stream, public DatagramReader, private ReadinessEntry {
 public:
  static constexpr size_t kMaximumDatagram = 65'507;

  /// `listener` has admitted the peer, and so has its quota of addresses, if it has one.
  DatagramStream(std::shared_ptr<DatagramAssociation> association, const session::PeerInfo& peer,
                 ListenerState& listener);
  ~DatagramStream() override;

  [[nodiscard]] connection::StreamResult read(std::span<uint8_t> into) override;
  [[nodiscard]] connection::StreamResult write(std::span<const std::span<const uint8_t>> pieces) override;
  [[nodiscard]] bool has_pending_output() const override { return false; }
  void close() override;
  void watch(connection::StreamWatcher* watcher) override;
  void request_turn() override;
  [[nodiscard]] const session::PeerInfo& peer() const override { return peer_; }

  void tell_readable() override;

 protected:
  /// One datagram of the peer.
  [[nodiscard]] virtual connection::StreamResult take(std::span<uint8_t> into) { return association_->read(into); }
  /// Whether datagrams may leave: ok, or what write() has to say instead.
  [[nodiscard]] virtual connection::StreamStatus before_sending() { return connection::StreamStatus::ok; }
  virtual void send(std::span<const uint8_t> datagram) { association_->send(datagram); }

  [[nodiscard]] DatagramAssociation& association() { return *association_; }
  [[nodiscard]] ListenerState& listener() { return listener_; }
  void set_certificate(const session::PeerCertificate* certificate) { peer_.certificate = certificate; }
  /// Calls the watcher for both directions soon.
  void both_ways_later();

 private:
  void on_ready(uint32_t) override {}
  void on_turn() override;

  const std::shared_ptr<DatagramAssociation> association_;
  session::PeerInfo peer_;
  ListenerState& listener_;
  connection::StreamWatcher* watcher_ = nullptr;
  std::vector<uint8_t> partial_;  ///< the beginning of a datagram whose rest is still to be written
  bool open_ = true;
  bool retry_write_ = false;
};

}  // namespace patchbay::net

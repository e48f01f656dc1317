#pragma once

#include <memory>
#include <span>
#include <string>

#include "base/timer_wheel.h"
#include "net/datagram_stream.h"
#include "net/dtls_greeter.h"
#include "net/handshake_deadline.h"
#include "net/tls_handshake.h"

namespace patchbay::net {

/// DTLS 1.2 (RFC 6347) over a datagram association: what is read and written are the datagrams inside. Begins when the
/// peer's address is proven. [shard]
class DtlsStream final : public DatagramStream, private DtlsLink {
 public:
  static constexpr size_t kMaximumRecord = 16'384;  ///< bytes of one datagram inside; larger ones are dropped

  DtlsStream(std::shared_ptr<DatagramAssociation> association, const session::PeerInfo& peer, ListenerState& listener,
             DtlsOpening opening, std::string_view peer_key);
  ~DtlsStream() override;

  void close() override;
  void watch(connection::StreamWatcher* watcher) override;
  [[nodiscard]] bool established() const override { return ready_; }
  void describe(connection::TransportHints& hints) const override { handshake_.describe(hints); }

 private:
  [[nodiscard]] connection::StreamResult take(std::span<uint8_t> into) override;
  [[nodiscard]] connection::StreamStatus before_sending() override;
  void send(std::span<const uint8_t> datagram) override;

  [[nodiscard]] size_t receive_record(std::span<uint8_t> into) override;
  void send_record(std::span<const uint8_t> datagram) override;
  [[nodiscard]] std::string_view peer_key() const override { return peer_key_; }

  [[nodiscard]] connection::StreamStatus shake_hands();
  [[nodiscard]] connection::StreamStatus finish_handshake();
  [[nodiscard]] connection::StreamStatus handshake_failed();
  /// What an OpenSSL call that did not succeed means for the stream.
  [[nodiscard]] connection::StreamStatus outcome(int returned);
  /// A flight that gets no answer is sent again (RFC 6347 4.2.4).
  void start_retransmission();
  static void retransmit(void* self);
  void say_goodbye();

  const std::string peer_key_;
  const std::shared_ptr<const TlsGeneration> generation_;
  Dtls ssl_;
  TlsHandshake handshake_;
  base::Timer retransmission_;
  std::unique_ptr<HandshakeDeadline> deadline_;
  bool shaken_ = false;  ///< OpenSSL is done
  bool ready_ = false;
  bool ended_ = false;   ///< the association has ended
  bool broken_ = false;  ///< after a fatal error nothing may be sent
};

}  // namespace patchbay::net

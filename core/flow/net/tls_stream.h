#pragma once

#include <memory>
#include <span>

#include "net/socket_stream.h"
#include "net/tls_handshake.h"

struct ssl_st;
struct bio_st;

namespace patchbay::net {

class TlsGeneration;

/// TLS on a socket. Small pieces leave together in records of up to 16 KiB. [shard]
class TlsStream final : public SocketStream {
 public:
  TlsStream(UniqueFd fd, const session::PeerInfo& peer, ListenerState& listener);
  ~TlsStream() override;

  [[nodiscard]] connection::StreamResult read(std::span<uint8_t> into) override;
  [[nodiscard]] connection::StreamResult write(std::span<const std::span<const uint8_t>> pieces) override;
  [[nodiscard]] bool has_pending_output() const override { return wants_write_; }
  void close() override;
  [[nodiscard]] bool finish_sending() override;
  [[nodiscard]] bool established() const override { return ready_; }
  void describe(connection::TransportHints& hints) const override { handshake_.describe(hints); }

 private:
  friend struct TlsBio;
  struct FreeSsl {
    void operator()(ssl_st* ssl) const;
  };

  /// ok when the handshake is done.
  [[nodiscard]] connection::StreamStatus shake_hands();
  [[nodiscard]] connection::StreamStatus begin();
  [[nodiscard]] connection::StreamStatus finish_handshake();
  [[nodiscard]] connection::StreamStatus handshake_failed();
  /// close_notify, if there is room for it; nobody waits for the answer.
  void say_goodbye();
  /// What an OpenSSL call that did not succeed means for the stream.
  [[nodiscard]] connection::StreamStatus outcome(int returned);

  std::shared_ptr<const TlsGeneration> generation_;
  std::unique_ptr<ssl_st, FreeSsl> ssl_;
  TlsHandshake handshake_;
  bool shaken_ = false;  ///< OpenSSL is done
  bool ready_ = false;
  bool wants_write_ = false;   ///< OpenSSL itself has bytes to send
  bool end_seen_ = false;      ///< the socket has ended
  bool broken_ = false;        ///< after a fatal error nothing may be sent
  bool half_written_ = false;  ///< a record waits to leave whole
};

}  // namespace patchbay::net

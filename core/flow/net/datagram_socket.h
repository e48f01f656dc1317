#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/log.h"
#include "base/timer_wheel.h"
#include "connection/connection_shard.h"
#include "net/datagram_association.h"
#include "net/dtls_greeter.h"
#include "net/listener_socket.h"
#include "net/listener_state.h"
#include "net/readiness.h"
#include "net/unique_fd.h"

namespace patchbay::net {

/// One UDP listener's socket on one shard: gives each datagram to the association of its peer, and makes one for a peer
/// that is new. The kernel gives a peer's datagrams to the same socket always. Built and destroyed on its shard.
/// [shard]
class DatagramSocket final : private ReadinessEntry {
 public:
  static constexpr uint32_t kDatagramsPerTurn = 256;
  static constexpr uint64_t kSweepMs = 1'000;

  DatagramSocket(UniqueFd socket, ListenerState& listener, connection::ConnectionShard& connections);
  /// Ends the associations: nobody would hear them.
  ~DatagramSocket();

  /// False when the system refuses to watch the socket.
  [[nodiscard]] bool start();
  [[nodiscard]] size_t associations() const { return by_peer_.size(); }

 private:
  struct Peer {
    std::shared_ptr<DatagramAssociation> association;
    uint64_t last_received_ms = 0;
  };

  void on_ready(uint32_t what) override;
  void on_turn() override { receive_some(); }
  [[nodiscard]] int descriptor() const override { return socket_->get(); }
  void receive_some();
  void received(std::span<const uint8_t> datagram, const sockaddr_storage& address, socklen_t size);
  /// DTLS: a hello of a peer that is new, or that begins anew.
  void greeted(std::span<const uint8_t> datagram, std::string key, const sockaddr_storage& address, socklen_t size);
  /// Null: a limit is reached, or conn.accept says no.
  [[nodiscard]] std::shared_ptr<DatagramAssociation> begin(const sockaddr_storage& address, socklen_t size,
                                                           DtlsOpening opening, std::string_view key);
  [[nodiscard]] bool may_begin();
  void refused(const char* why);
  static void sweep(void* self);

  std::shared_ptr<UniqueFd> socket_;
  ListenerState& listener_;
  std::unique_ptr<DtlsGreeter> greeter_;  ///< dtls
  connection::ConnectionShard& connections_;
  std::unordered_map<std::string, Peer> by_peer_;
  base::Timer sweep_timer_;
  base::LogLimiter log_limiter_;
  std::vector<uint8_t> buffer_;
  uint64_t window_start_ms_ = 0;
  uint32_t begun_in_window_ = 0;
};

/// Binds one UDP socket for each shard on one address. The error tells which step failed and why. [control]
[[nodiscard]] base::Result<ListenerSockets, std::string> open_datagram_sockets(const ListenerOptions& options,
                                                                               size_t count);

}  // namespace patchbay::net

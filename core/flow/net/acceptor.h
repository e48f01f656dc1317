#pragma once

#include <sys/socket.h>

#include <cstdint>

#include "base/log.h"
#include "base/timer_wheel.h"
#include "connection/connection_shard.h"
#include "net/listener_state.h"
#include "net/readiness.h"
#include "net/unique_fd.h"

namespace patchbay::net {

/// One listener's socket on one shard: accepts, makes the stream that the listener's type asks for, and hands it to the
/// shard's connections. Built and destroyed on its shard. [shard]
class Acceptor final : private ReadinessEntry {
 public:
  Acceptor(UniqueFd socket, ListenerState& listener, connection::ConnectionShard& connections);
  ~Acceptor();

  /// False when the system refuses to watch the socket.
  [[nodiscard]] bool start();

 private:
  void on_ready(uint32_t what) override;
  void on_turn() override { accept_some(); }
  void accept_some();
  void accepted(UniqueFd socket, const sockaddr_storage& address);
  /// True when accepting must pause.
  [[nodiscard]] bool accept_failed(int error);
  static void retry(void* self);

  UniqueFd socket_;
  ListenerState& listener_;
  connection::ConnectionShard& connections_;
  base::Timer retry_timer_;
  base::LogLimiter log_limiter_;
};

}  // namespace patchbay::net

#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "session/connection_port.h"
#include "session/peer_info.h"

namespace patchbay::connection {

class Connection;

/// The live connections of one shard, and the orderly end of all or of one listener's. [shard]
class ConnectionTable {
 public:
  void add(Connection& connection);
  void remove(Connection& connection);
  [[nodiscard]] size_t size() const { return connections_.size(); }
  [[nodiscard]] const std::vector<Connection*>& all() const { return connections_; }

  /// Begins to kick every connection of `listener` (null: every connection); step() does it in bounded batches.
  void begin_kick(session::CloseReason reason, const session::ListenerInfo* listener);
  /// Kicks among the next `limit` connections; true while there is more to do.
  bool kick_step(size_t limit);
  [[nodiscard]] bool kicking() const { return kick_left_ != 0; }

 private:
  std::vector<Connection*> connections_;
  size_t kick_left_ = 0;  ///< connections_[0 .. kick_left_) are still to be looked at
  session::CloseReason kick_reason_ = session::CloseReason::server_shutdown;
  const session::ListenerInfo* kick_listener_ = nullptr;
};

}  // namespace patchbay::connection

#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "connection/protocol_directory.h"
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

  /// Who is to go, and why: all of a listener, all that speak a protocol, or, with neither, everybody.
  struct Kick {
    session::CloseReason reason;
    const session::ListenerInfo* listener;
    ProtocolRef protocol;
  };
  /// Begins to kick; kick_step() does it in bounded batches. Kicks may overlap.
  void begin_kick(Kick kick);
  /// Kicks among the next `limit` connections; true while there is more to do.
  bool kick_step(size_t limit);
  [[nodiscard]] bool kicking() const { return kick_left_ != 0; }

 private:
  std::vector<Connection*> connections_;
  size_t kick_left_ = 0;  ///< connections_[0 .. kick_left_) are still to be looked at
  std::vector<Kick> kicks_;
};

}  // namespace patchbay::connection

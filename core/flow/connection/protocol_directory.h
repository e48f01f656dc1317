#pragma once

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/epoch.h"
#include "session/protocol_machine.h"

namespace patchbay::connection {

/// A protocol besides the one that listeners speak by themselves. Constant.
struct Protocol {
  std::string id;                         ///< "STOMP": what conn.detect names, and the name that observers see
  std::vector<std::string> listener_ids;  ///< where it is spoken; empty: everywhere
  std::vector<std::string> alpn_names;    ///< agreed to in TLS handshakes
  std::vector<std::string> websocket_subprotocols;    ///< agreed to on listeners that are the protocol's own
  std::shared_ptr<session::ProtocolFactory> factory;  ///< makes machines on every shard, at the same time
};

/// Each connection that speaks the protocol holds it: when only the holder of remove()'s result is left, none does.
using ProtocolRef = std::shared_ptr<const Protocol>;

/// The protocols that were added to a node while it runs. Readers see one immutable list, swapped whole as hook chains
/// are; who is connected keeps the protocol that it began with. [any-thread]
class ProtocolDirectory {
 public:
  ProtocolDirectory() = default;
  ProtocolDirectory(const ProtocolDirectory&) = delete;
  ProtocolDirectory& operator=(const ProtocolDirectory&) = delete;
  ~ProtocolDirectory();

  /// False: the id is taken, or is MQTT's. [control]
  bool add(Protocol protocol, base::EpochDomain& epoch);
  /// New connections don't find it any more. Null: there was none. [control]
  ProtocolRef remove(std::string_view id, base::EpochDomain& epoch);

  /// Null: not there, or not on this listener. Within a turn. [shard]
  [[nodiscard]] ProtocolRef find(std::string_view id, std::string_view listener_id) const;
  /// Whether some protocol of the listener agrees to this ALPN name. Within a turn. [shard]
  [[nodiscard]] bool knows_alpn(std::string_view name, std::string_view listener_id) const;
  [[nodiscard]] std::vector<ProtocolRef> all() const;

 private:
  using Table = std::vector<ProtocolRef>;

  void publish(Table next, base::EpochDomain& epoch);

  std::atomic<const Table*> current_{nullptr};
  mutable std::mutex mutex_;  // guards changes; control threads only
};

}  // namespace patchbay::connection

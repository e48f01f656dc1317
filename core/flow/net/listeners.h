#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "connection/connection_extensions.h"
#include "net/listener_options.h"
#include "net/net_limits.h"
#include "net/shard_group.h"
#include "session/peer_info.h"
#include "session/protocol_machine.h"

namespace patchbay::net {

/// What the outside may know about a listener.
struct ListenerStatus {
  std::string id;    ///< "tcp:default"
  std::string bind;  ///< with the port that is really bound: "127.0.0.1:1883"
  uint16_t port = 0;
  ListenerType type = ListenerType::tcp;
  bool running = false;
  uint64_t connections = 0;
  uint64_t max_connections = 0;
  uint64_t datagrams_dropped = 0;  ///< udp
};

/// All listeners of a node: each has one listening socket on every shard (SO_REUSEPORT). [control]
class Listeners {
 public:
  /// Makes a listener's protocol for one shard; called once for each shard, on that shard.
  using MakeProtocol = std::function<std::unique_ptr<session::ProtocolFactory>(IoShard&, const session::ListenerInfo&)>;

  /// `shards` must outlive the listeners. Destroy the listeners after ShardGroup::stop(): connections that are left go
  /// with them, without a word to their machines. `extensions` outlives the connections.
  Listeners(ShardGroup& shards, const NetLimits& limits,
            const connection::ConnectionExtensions& extensions = connection::ConnectionExtensions::none());
  ~Listeners();
  Listeners(const Listeners&) = delete;
  Listeners& operator=(const Listeners&) = delete;

  /// Binds, listens and accepts, on all shards or not at all; returns when all accept. May be used before
  /// ShardGroup::start(): then accepting begins with it. The error says what failed: "tcp:default: bind 0.0.0.0:1883:
  /// Address already in use".
  base::Result<ListenerStatus, std::string> start(const ListenerOptions& options, const MakeProtocol& make_protocol);
  /// Stops accepting; with `kick`, also says goodbye to its connections, those of its earlier runs included. False: no
  /// such running listener.
  bool stop(std::string_view id, bool kick);
  /// Stops accepting on all listeners.
  void stop_all();
  /// Reads a listener's TLS files again; new connections use them. On failure the old ones stay and the error says why.
  base::Result<bool, std::string> reload_tls(std::string_view id);
  /// For SIGHUP: reloads every TLS listener; returns the errors.
  std::vector<std::string> reload_all_tls();

  [[nodiscard]] std::vector<ListenerStatus> status() const;
  /// True when the address of `bind` is a loopback address.
  [[nodiscard]] static bool is_loopback_bind(const std::string& bind);

 private:
  struct Entry;
  struct State;

  [[nodiscard]] base::Result<bool, std::string> prepare(Entry& entry, const ListenerOptions& options);
  void stop_entry(Entry& entry, bool kick);
  [[nodiscard]] static ListenerStatus status_of(const Entry& entry);

  std::unique_ptr<State> state_;
};

}  // namespace patchbay::net

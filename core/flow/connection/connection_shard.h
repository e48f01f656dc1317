#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/shard_services.h"
#include "connection/connection_facts.h"
#include "connection/connection_home.h"
#include "connection/connection_limits.h"
#include "connection/connection_table.h"
#include "connection/stream.h"
#include "connection/unread_bytes.h"
#include "session/protocol_machine.h"

namespace patchbay::connection {

/// What the connections of one shard share: the read buffer, the pool of output blocks, the list of those that want to
/// write, the table, and the way to other shards. Does no I/O of its own and knows no loop: net/io_shard drives it, and
/// so do tests. [shard]
class ConnectionShard final : public ConnectionHome {
 public:
  ConnectionShard(const base::ShardServices& services, const ConnectionLimits& limits);
  ~ConnectionShard() override;
  ConnectionShard(const ConnectionShard&) = delete;
  ConnectionShard& operator=(const ConnectionShard&) = delete;

  /// All shards by ShardId, this one included; needed before a connection may move. Before the shard runs. [control]
  void set_shards(std::span<ConnectionShard* const> shards) { shards_.assign(shards.begin(), shards.end()); }
  /// The protocol of `listener` on this shard. Kept until the shard ends, since machines may refer to it.
  void add_protocol(const session::ListenerInfo& listener, std::unique_ptr<session::ProtocolFactory> factory);

  /// Takes over an accepted stream; `stream->peer().listener` must have a protocol here. `unread`: bytes that were read
  /// from it before.
  Connection& add(std::unique_ptr<Stream> stream, UnreadBytes unread = {});

  /// What a turn ends with: writes, closes, hands over, frees. `before_flush` runs first, and again after machines were
  /// called: the distribution posts what they produced.
  void end_turn(void (*before_flush)(void*), void* context);
  /// True when a turn must follow at once, whether or not anything happens outside.
  [[nodiscard]] bool wants_turn() const { return first_flush_ != nullptr || table_.kicking(); }

  /// After the loop has ended: frees every connection with its machine, before what the machines refer to goes. Nobody
  /// is told.
  void destroy_all();
  /// Says goodbye to every connection of `listener` (null: to all), some in each of the next turns. After
  /// `server_shutdown` for all, a connection that still arrives from another shard is told so at once.
  void kick_all(session::CloseReason reason, const session::ListenerInfo* listener = nullptr);
  /// The same for the connections that speak `protocol`.
  void kick_protocol(session::CloseReason reason, ProtocolRef protocol);

  [[nodiscard]] const ConnectionTable& table() const { return table_; }

  // ConnectionHome
  [[nodiscard]] std::unique_ptr<session::ProtocolMachine> make_machine(Connection& connection,
                                                                       const Protocol* protocol) override;
  void flush_later(Connection& connection) override;
  void depart(Connection& connection) override;
  void bury(Connection& connection) override;

 private:
  struct Departure {
    std::unique_ptr<Stream> stream;
    UnreadBytes unread;
    ConnectionFacts facts;
    base::ShardId target;
  };

  Connection& take_over(std::unique_ptr<Stream> stream, UnreadBytes unread, ConnectionFacts facts, bool moved);
  void flush_round();
  void post_departures();
  void free_dead();

  ConnectionTable table_;
  Connection* first_flush_ = nullptr;
  Connection* last_flush_ = nullptr;
  std::vector<Connection*> dead_;
  std::vector<Departure> departures_;
  std::vector<ConnectionShard*> shards_;
  std::unordered_map<const session::ListenerInfo*, session::ProtocolFactory*> protocols_;
  std::vector<std::unique_ptr<session::ProtocolFactory>> factories_;
  bool shutting_down_ = false;
};

}  // namespace patchbay::connection

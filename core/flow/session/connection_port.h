#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "access/connection_allowance.h"
#include "base/shard.h"
#include "session/client_traffic.h"
#include "session/output_buffer.h"
#include "session/peer_info.h"

namespace patchbay::session {

/// Why a connection ends, for the log, the counters and observers.
enum class CloseReason : uint8_t {
  normal,              ///< the client said DISCONNECT, or the protocol is complete
  peer_closed,         ///< end of stream without DISCONNECT
  transport_error,     ///< reset, TLS failure, WebSocket violation
  connect_timeout,     ///< no CONNECT within mqtt.idle_timeout_s
  keep_alive_timeout,  ///< one and a half times the keep alive passed [MQTT-3.1.2-22]
  protocol_error,      ///< malformed packet or protocol error
  not_authorized,
  taken_over,     ///< another connection of the same client
  kicked,         ///< an operator or plugin ended it
  slow_consumer,  ///< output over its hard limit, or no progress for connection.send_timeout_s
  limit,          ///< a named limit was reached
  server_shutdown,
};

[[nodiscard]] std::string_view close_reason_name(CloseReason reason);

/// What a machine takes along when its connection moves to another shard, besides the bytes that it did not consume.
class MachineLuggage {
 public:
  MachineLuggage() = default;
  MachineLuggage(const MachineLuggage&) = delete;
  MachineLuggage& operator=(const MachineLuggage&) = delete;
  virtual ~MachineLuggage() = default;
};

class ClientChannel;

/// Who speaks to the client in place of an MqttMachine that works for another protocol: the machine then does what
/// MQTT's client operations do, and this does the talking.
struct ProtocolAdapter {
  ClientChannel* channel = nullptr;  ///< gets what the session sends
  std::string_view protocol_name;    ///< as observers see it; outlives all clients (a literal, or interned)
  uint8_t protocol_version = 0;
};

/// What a protocol machine may ask of the connection that carries it. Implemented by connection/connection; tests have
/// a recording twin. Nothing here calls back into the machine before returning. [shard]
class ConnectionPort {
 public:
  virtual ~ConnectionPort() = default;

  /// Where outgoing bytes are written. After writing, call output_added(): all of a turn's bytes leave with one
  /// gathered write.
  [[nodiscard]] OutputBuffer& output() { return output_; }
  [[nodiscard]] OutputChunkPool& pool() { return *pool_; }
  void output_added() {
    if (!flush_wanted_) want_flush();
  }
  /// Writes `pieces` behind what waits; output_added() is called. Where nothing waits, the peer gets at once what it
  /// takes of them, and only the rest is copied. Each call is a system call: for what is worth one, see kAtOnceFrom.
  void write_at_once(std::span<const std::span<const uint8_t>> pieces);
  /// Bytes from which a system call of their own costs less than a copy that is sent when it has left the cache.
  static constexpr size_t kAtOnceFrom = 16 * 1024;
  /// False when more than connection.write_high_water bytes wait that the peer does not take now: keep messages in the
  /// session until on_writable().
  [[nodiscard]] bool writable() { return output_.size() < high_water_ || make_room(); }

  /// Sends what is in output(), then closes. on_closed() follows in a later turn, or when the last bytes are out.
  /// Idempotent.
  virtual void close(CloseReason reason) = 0;
  /// Stops calling on_bytes() (an answer is awaited); what was not consumed is kept. Idempotent.
  virtual void pause_reading() = 0;
  virtual void resume_reading() = 0;
  /// Hands the connection, with all bytes not consumed, to another shard, where a new machine starts from those bytes.
  /// The machine that asks is destroyed after it returns from on_bytes().
  virtual void move_to(base::ShardId shard) = 0;
  [[nodiscard]] virtual const PeerInfo& peer() const = 0;
  /// Keeps what the machine that starts after a move is to find.
  virtual void pack(std::unique_ptr<MachineLuggage> luggage) = 0;
  /// What was packed; null: nothing. Stays the connection's.
  [[nodiscard]] virtual MachineLuggage* luggage() const = 0;
  /// Null, except behind a machine that works for another protocol.
  [[nodiscard]] virtual const ProtocolAdapter* adapter() const { return nullptr; }

  /// What has gone over it, since the machine was made or, bytes, since it was accepted.
  [[nodiscard]] virtual TransferTraffic transfers() const { return {}; }

  /// Changes how much the peer may send from now on; what `change` leaves at 0 stays as it was.
  virtual void set_allowance(const access::ConnectionAllowance& change) = 0;
  /// The largest packet that the peer may send, where `configured` holds without an allowance.
  [[nodiscard]] virtual uint32_t packet_limit(uint32_t configured) const = 0;
  /// Counts a message that the machine has taken. False: the peer has used up what it may send now; the machine returns
  /// from on_bytes(), and is called again when there is room.
  [[nodiscard]] bool take_message() { return !messages_limited_ || take_limited_message(); }
  /// Reading pauses since the peer sent more than it may: its silence is ours.
  [[nodiscard]] bool throttled() const { return throttled_; }

 protected:
  [[nodiscard]] virtual bool take_limited_message() { return true; }
  /// Called at the first output of a turn: the connection puts itself on the shard's list of connections to flush. Sets
  /// flush_wanted_.
  virtual void want_flush() = 0;
  /// Much was written in one turn: sends at once what the peer takes; true when writing may go on. Otherwise a burst
  /// would look like a slow consumer.
  [[nodiscard]] virtual bool make_room() { return false; }
  /// Nothing waits: gives the peer what it takes of the pieces now; returns how many bytes that were.
  [[nodiscard]] virtual size_t send_now([[maybe_unused]] std::span<const std::span<const uint8_t>> pieces) { return 0; }

  OutputBuffer output_;
  OutputChunkPool* pool_ = nullptr;
  uint32_t high_water_ = 64 * 1024;
  bool flush_wanted_ = false;
  bool messages_limited_ = false;
  bool throttled_ = false;
};

}  // namespace patchbay::session

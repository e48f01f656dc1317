#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "base/timer_wheel.h"
#include "connection/connection_facts.h"
#include "connection/stream.h"
#include "connection/unread_bytes.h"
#include "hooks/connection_events.h"
#include "session/connection_port.h"
#include "session/protocol_machine.h"

namespace patchbay::connection {

class ConnectionHome;
class ConnectionShard;

/// One stream and the protocol machine that speaks on it: finds out the protocol, reads into the shard's buffer, keeps
/// only what the machine could not use, gathers a turn's output into one write, and ends both in order.
///
/// Owned by its ConnectionShard, which frees it at the end of a turn, so that no call of it ever runs in a dead object.
/// [shard]
class Connection final : public session::ConnectionPort, private StreamWatcher {
 public:
  /// Use ConnectionShard::add().
  Connection(ConnectionHome& home, std::unique_ptr<Stream> stream, UnreadBytes unread, ConnectionFacts facts);
  ~Connection() override;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void close(session::CloseReason reason) override;
  void pause_reading() override { paused_ = true; }
  void resume_reading() override;
  void move_to(base::ShardId shard) override;
  [[nodiscard]] const session::PeerInfo& peer() const override { return stream_->peer(); }
  void pack(std::unique_ptr<session::MachineLuggage> luggage) override;
  [[nodiscard]] session::MachineLuggage* luggage() const override;
  [[nodiscard]] session::TransferTraffic transfers() const override;
  void set_allowance(const access::ConnectionAllowance& change) override;
  [[nodiscard]] uint32_t packet_limit(uint32_t configured) const override;

  /// Lets the machine say goodbye and closes. Nothing happens when the connection is on its way out already.
  void kick(session::CloseReason reason);
  /// Bytes that the machine has not consumed.
  [[nodiscard]] size_t unread_size() const { return unread_.size(); }
  /// The protocol in place of the listener's own; null: that, or not known yet.
  [[nodiscard]] const Protocol* protocol() const { return facts_.protocol(); }

 private:
  friend class ConnectionShard;
  friend class ConnectionTable;

  static constexpr size_t kPieces = 16;           ///< of one gathered write
  static constexpr size_t kReadStep = 16 * 1024;  ///< read at once when much is kept and no length is known

  enum class State : uint8_t { open, closing, leaving, lingering, closed };

  /// The clocks of what must not last: output that makes no progress, the bounded wait of close(), and lingering.
  /// Exists only meanwhile.
  struct Stall {
    base::Timer timer;
    size_t linger_bytes_left = 0;
  };

  // StreamWatcher
  void on_readable() override;
  void on_writable() override;

  // ConnectionPort
  void want_flush() override;
  [[nodiscard]] bool make_room() override;
  [[nodiscard]] size_t send_now(std::span<const std::span<const uint8_t>> pieces) override;
  [[nodiscard]] bool take_limited_message() override;

  // From accepting to the machine: connection_opening.cpp.
  /// `moved`: with another machine, which has asked to come here.
  void start(bool moved);
  void opened();
  void ask_limits();
  void begin_detection();
  static void detection_late(void* self);
  /// Asks what the protocol is. False: not known yet, or the connection closes.
  [[nodiscard]] bool detect(std::span<const uint8_t> bytes);
  void settle_protocol(ProtocolRef protocol);
  /// The one that the listener's configuration names.
  void settle_listener_protocol();
  /// Reading pauses until the peer may send more.
  void pause_for_rate(TokenBucket& bucket);
  static void rate_allows(void* self);
  [[nodiscard]] hooks::ConnectionEvent event_of() const;
  void tell_closed();

  /// One read and what follows from it; false when reading is over for this turn.
  [[nodiscard]] bool read_once();
  [[nodiscard]] bool read_small();
  [[nodiscard]] bool read_large();
  /// Reads what the peer may send and counts it.
  [[nodiscard]] StreamResult read_some(std::span<uint8_t> into);
  /// Gives `bytes` to the machine and keeps what it leaves.
  void deliver(std::span<const uint8_t> bytes);
  void ended(StreamStatus status);
  void leave();

  /// The shard's end-of-turn call.
  void flush();
  /// One write to the stream, which is counted.
  [[nodiscard]] StreamResult write_some(std::span<const std::span<const uint8_t>> pieces);
  /// Writes what the stream takes; false when the transport failed.
  [[nodiscard]] StreamResult write_front();
  [[nodiscard]] bool write_output(bool& progress);
  void output_waits(bool progress);
  void tell_writable();
  /// Ends without trying to send what is left; finish() follows at the end of the turn.
  void give_up(session::CloseReason reason);
  void finish();
  /// Whether the peer may miss our last words when the descriptor is closed at once.
  [[nodiscard]] bool should_linger() const;
  void linger();
  void discard_input();
  void end_linger(bool cut);
  void watch_stall(uint64_t delay_ms);
  static void stalled(void* self);

  ConnectionHome& home_;
  std::unique_ptr<Stream> stream_;
  std::unique_ptr<session::ProtocolMachine> machine_;  ///< null while the protocol isn't known
  ConnectionFacts facts_;
  UnreadBytes unread_;
  std::unique_ptr<Stall> stall_;
  Connection* next_flush_ = nullptr;
  uint32_t need_ = 0;         ///< bytes below which the machine cannot go on; 0: any
  uint32_t table_index_ = 0;  ///< place in the ConnectionTable
  base::ShardId move_target_ = base::kNoShard;
  State state_ = State::open;
  session::CloseReason reason_ = session::CloseReason::normal;
  bool paused_ : 1 = false;
  bool given_up_ : 1 = false;
  bool has_last_words_ : 1 = false;  ///< there was output when close() was called
  bool blocked_ : 1 = false;         ///< the last write left something: on_writable() will come
  bool congested_ : 1 = false;       ///< writable() was false since on_writable() was last called
  bool protocol_known_ : 1 = false;  ///< conn.detect need not be asked any more
  bool unread_ready_ : 1 = false;    ///< kept bytes may be given to the machine without new ones
};

}  // namespace patchbay::connection

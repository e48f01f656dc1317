#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "session/peer_info.h"

namespace patchbay::connection {

enum class StreamStatus : uint8_t {
  ok,           ///< `bytes` were moved
  would_block,  ///< nothing now; the watcher will be told
  end,          ///< the peer closed its side in order
  failed,       ///< reset, TLS failure, framing violation: nothing more will come
};

/// Two words, so that it is returned in registers.
struct StreamResult {
  StreamResult(StreamStatus how, size_t moved, bool is_drained = false)
      : status(how), drained(is_drained), bytes(moved) {}

  StreamStatus status;
  bool drained;  ///< of a read: there is no more now, and watchers are told when there is
  size_t bytes;
};

/// What the transport's handshake said about the protocol on top of it. Views into the stream. Empty: nothing.
struct TransportHints {
  std::string_view alpn;         ///< agreed name
  std::string_view server_name;  ///< SNI
  std::string_view websocket_path;
  std::string_view websocket_subprotocol;
};

/// Told by the shard's loop that a stream may make progress. Edge-triggered: read (or write) until would_block, or ask
/// for a further call with Stream::request_turn(). [shard]
class StreamWatcher {
 public:
  virtual ~StreamWatcher() = default;
  virtual void on_readable() = 0;
  virtual void on_writable() = 0;
};

/// Role: one established or establishing byte stream. TCP, TLS, WebSocket and PROXY streams nest; a handshake runs
/// inside read() and write(), which answer would_block until it is done. Never blocks. The in-memory twin is
/// memory_stream. [shard]
class Stream {
 public:
  virtual ~Stream() = default;

  [[nodiscard]] virtual StreamResult read(std::span<uint8_t> into) = 0;
  /// Gathered write; may take only a part of the pieces, in order.
  [[nodiscard]] virtual StreamResult write(std::span<const std::span<const uint8_t>> pieces) = 0;
  /// Bytes that the stream itself still has to send (TLS record, WebSocket frame rest); flushed by further write()
  /// calls, also empty ones.
  [[nodiscard]] virtual bool has_pending_output() const = 0;
  /// Sends the transport's goodbye (TLS close_notify, WebSocket close) as far as possible without waiting, and closes.
  /// The watcher is not called any more.
  virtual void close() = 0;
  /// Says the same goodbye, but ends our side only: what the peer has still sent must not reset the connection before
  /// it has read our last words. Follow with discard() and close(). False: nothing to wait for, only close() is left.
  [[nodiscard]] virtual bool finish_sending() { return false; }
  /// After finish_sending(): throws away at most `limit` bytes of what the peer still sends.
  [[nodiscard]] virtual StreamResult discard([[maybe_unused]] size_t limit) { return {StreamStatus::end, 0}; }

  /// Starts (or, with null, stops) telling `watcher` on the shard that calls this. Used again after a move to another
  /// shard.
  virtual void watch(StreamWatcher* watcher) = 0;
  /// Asks for one more on_readable() in a later turn even if nothing new arrives: the reader stopped early to be fair
  /// to others.
  virtual void request_turn() = 0;
  [[nodiscard]] virtual const session::PeerInfo& peer() const = 0;
  /// Every handshake is done: what comes now is the protocol's.
  [[nodiscard]] virtual bool established() const { return true; }
  /// Fills in what it knows; asked once, at the first bytes.
  virtual void describe(TransportHints&) const {}
};

}  // namespace patchbay::connection

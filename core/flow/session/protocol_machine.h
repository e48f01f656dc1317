#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "access/client_info.h"
#include "session/connection_port.h"

namespace patchbay::session {

/// Role: a protocol on one connection. MQTT here (mqtt_machine), others by plugin. It does no I/O: bytes, timers and
/// answers come in, and it writes to its ConnectionPort. All calls on the connection's shard; none nests in another.
/// [shard]
class ProtocolMachine {
 public:
  virtual ~ProtocolMachine() = default;

  /// Bytes from the peer: what was left over before, then what is new. Returns how many it consumed from the front; the
  /// rest is kept and given again with more behind it. The bytes are valid during the call only. `need` is set to the
  /// number of bytes (from the front of what was not consumed) below which another call would be useless; 0 means any.
  [[nodiscard]] virtual size_t on_bytes(std::span<const uint8_t> bytes, size_t& need) = 0;
  /// The output fell below the low-water mark after writable() was false.
  virtual void on_writable() = 0;
  /// The stream has ended (for whatever reason, our own close() included). Last call before destruction.
  virtual void on_closed(CloseReason reason) = 0;
  /// The node or an operator wants the client gone: say goodbye in the protocol's way and call close().
  /// `server_shutdown`, `kicked`, `taken_over`.
  virtual void on_kick(CloseReason reason) = 0;
  /// Who is at the other end, as long as the machine lives; null while that isn't known.
  [[nodiscard]] virtual const access::ClientInfo* client() const { return nullptr; }

  /// Kept here for the connection, which has no room for it: reads and writes since the machine was made, with the one
  /// that brought what was there then; modulo 2^32.
  void count_read() { ++reads_; }
  void count_write() { ++writes_; }
  [[nodiscard]] uint32_t reads() const { return reads_; }
  [[nodiscard]] uint32_t writes() const { return writes_; }

 private:
  uint32_t reads_ = 0;
  uint32_t writes_ = 0;
};

/// Makes a machine for a new connection on this shard. One for each listener's protocol and shard, or, for a protocol
/// of the ProtocolDirectory, one for all shards, called by several at a time. [shard]
class ProtocolFactory {
 public:
  virtual ~ProtocolFactory() = default;
  [[nodiscard]] virtual std::unique_ptr<ProtocolMachine> create(ConnectionPort& port) = 0;
};

}  // namespace patchbay::session

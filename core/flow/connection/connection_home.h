#pragma once

#include <cstdint>
#include <memory>

#include "base/shard_services.h"
#include "connection/connection_extensions.h"
#include "connection/connection_limits.h"
#include "session/output_buffer.h"
#include "session/protocol_machine.h"

namespace patchbay::connection {

class Connection;

/// What a connection needs of the shard that it lives on: shared buffers, and who to tell when it wants to write,
/// moves, or has ended. Implemented by ConnectionShard. [shard]
class ConnectionHome {
 public:
  ConnectionHome(const base::ShardServices& services, const ConnectionLimits& limits)
      : services_(services), limits_(limits), read_buffer_(std::make_unique<uint8_t[]>(limits.read_buffer)) {}
  ConnectionHome(const ConnectionHome&) = delete;
  ConnectionHome& operator=(const ConnectionHome&) = delete;
  virtual ~ConnectionHome() = default;

  [[nodiscard]] const base::ShardServices& services() const { return services_; }
  [[nodiscard]] const ConnectionLimits& limits() const { return limits_; }
  [[nodiscard]] session::OutputChunkPool& pool() { return pool_; }
  /// limits().read_buffer bytes, whose content lasts for one call of a machine.
  [[nodiscard]] uint8_t* read_buffer() const { return read_buffer_.get(); }
  /// What plugins take part in; nothing before use_extensions().
  [[nodiscard]] const ConnectionExtensions& extensions() const { return *extensions_; }
  /// Lives as long as the shard; services().deferrals must be set. Before connections come. [shard]
  void use_extensions(const ConnectionExtensions& extensions) { extensions_ = &extensions; }
  /// A machine ran: what it produced has to be posted before the next write.
  void machine_called() { machines_called_ = true; }

  /// One more connection waits for its peer to end; false: too many do.
  [[nodiscard]] bool begin_linger() { return lingering_ < limits_.linger_connections && ++lingering_ != 0; }
  void end_linger() { --lingering_; }

  /// A machine of `protocol` (null: of the listener's own).
  [[nodiscard]] virtual std::unique_ptr<session::ProtocolMachine> make_machine(Connection& connection,
                                                                               const Protocol* protocol) = 0;
  /// The connection has output; it is flushed when the turn ends.
  virtual void flush_later(Connection& connection) = 0;
  /// The connection goes to another shard when the turn ends.
  virtual void depart(Connection& connection) = 0;
  /// The connection has ended; it is freed when the turn ends.
  virtual void bury(Connection& connection) = 0;

 protected:
  const base::ShardServices& services_;
  const ConnectionLimits limits_;
  std::unique_ptr<uint8_t[]> read_buffer_;
  session::OutputChunkPool pool_;
  const ConnectionExtensions* extensions_ = &ConnectionExtensions::none();
  uint32_t lingering_ = 0;
  bool machines_called_ = false;
};

}  // namespace patchbay::connection

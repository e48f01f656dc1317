#pragma once

#include <memory>
#include <utility>

#include "plugin_protocols/plugin_connection.h"
#include "plugin_protocols/protocol_provider.h"
#include "session/protocol_machine.h"

namespace patchbay::plugin_protocols {

/// A protocol of a plugin on one connection, on one shard. [shard]
class PluginMachine final : public session::ProtocolMachine {
 public:
  /// Opens a connection, or goes on with the one in the port's luggage.
  PluginMachine(const std::shared_ptr<ProtocolProvider>& provider, session::ConnectionPort& port);
  ~PluginMachine() override;

  [[nodiscard]] size_t on_bytes(std::span<const uint8_t> bytes, size_t& need) override;
  void on_writable() override { connection_->on_writable(); }
  void on_closed(session::CloseReason reason) override { connection_->on_closed(reason); }
  void on_kick(session::CloseReason reason) override { connection_->on_kick(reason); }
  [[nodiscard]] const access::ClientInfo* client() const override { return connection_->info(); }

 private:
  std::shared_ptr<PluginConnection> connection_;
};

/// Makes machines on all shards.
class PluginMachineFactory final : public session::ProtocolFactory {
 public:
  explicit PluginMachineFactory(std::shared_ptr<ProtocolProvider> provider) : provider_(std::move(provider)) {}
  [[nodiscard]] std::unique_ptr<session::ProtocolMachine> create(session::ConnectionPort& port) override {
    return std::make_unique<PluginMachine>(provider_, port);
  }

 private:
  std::shared_ptr<ProtocolProvider> provider_;
};

}  // namespace patchbay::plugin_protocols

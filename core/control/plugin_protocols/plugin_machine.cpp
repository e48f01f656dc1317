#include "plugin_protocols/plugin_machine.h"

namespace patchbay::plugin_protocols {

PluginMachine::PluginMachine(const std::shared_ptr<ProtocolProvider>& provider, session::ConnectionPort& port) {
  // The luggage of a connection that speaks this protocol is this protocol's.
  if (auto* luggage = static_cast<PluginLuggage*>(port.luggage()); luggage != nullptr) {
    connection_ = std::move(luggage->connection);
    port.pack(nullptr);
    connection_->arrive(port);
    return;
  }
  connection_ = std::make_shared<PluginConnection>(provider);
  if (provider->closed() || !connection_->open(port)) port.close(session::CloseReason::not_authorized);
}

PluginMachine::~PluginMachine() {
  connection_->leave();
}

size_t PluginMachine::on_bytes(std::span<const uint8_t> bytes, size_t& need) {
  return connection_->on_bytes(bytes, need);
}

}  // namespace patchbay::plugin_protocols

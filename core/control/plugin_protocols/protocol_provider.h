#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "patchbay/protocol.h"
#include "plugin_services/service_account.h"
#include "plugin_services/service_shards.h"

namespace patchbay::plugin_protocols {

class ConnectionRuns;
class ProtocolProvider;

/// Role: a connection that speaks a provider's protocol. [shard]
class ProviderConnection {
 public:
  virtual ~ProviderConnection() = default;
  /// The plugin goes.
  virtual void unload() = 0;
  /// The next version of the plugin goes on with this connection, if both can do that; else nothing changes. Between
  /// two calls.
  [[nodiscard]] virtual bool hand_over(const std::shared_ptr<ProtocolProvider>& next) = 0;
};

/// The protocol of one instance, and the connections that speak it: each shard has its own list. Outlives them.
class ProtocolProvider {
 public:
  /// `table` and `description` live as long as the instance.
  ProtocolProvider(plugin_services::ServiceAccount& account, const plugin_services::ServiceShards& shards,
                   std::shared_ptr<ConnectionRuns> runs, const patchbay_protocol& table, void* self,
                   const patchbay_protocol_description& description);
  ProtocolProvider(const ProtocolProvider&) = delete;
  ProtocolProvider& operator=(const ProtocolProvider&) = delete;

  [[nodiscard]] plugin_services::ServiceAccount& account() const { return account_; }
  [[nodiscard]] const plugin_services::ServiceShards& shards() const { return shards_; }
  [[nodiscard]] ConnectionRuns& runs() const { return *runs_; }
  [[nodiscard]] const patchbay_protocol& table() const { return table_; }
  [[nodiscard]] void* self() const { return self_; }
  [[nodiscard]] const std::string& id() const { return id_; }
  [[nodiscard]] uint32_t transports() const { return transports_; }
  /// "STOMP", kept for ever: clients that are not connected are still known by it.
  [[nodiscard]] std::string_view name() const { return name_; }
  [[nodiscard]] uint32_t maximum_unconsumed_bytes() const { return maximum_unconsumed_bytes_; }
  [[nodiscard]] const std::vector<std::string>& alpn() const { return alpn_; }
  [[nodiscard]] const std::vector<std::string>& websocket_subprotocols() const { return websocket_subprotocols_; }

  /// New connections are refused from here on. [control]
  void close() { closed_.store(true, std::memory_order_release); }
  [[nodiscard]] bool closed() const { return closed_.load(std::memory_order_acquire); }

  /// [shard]
  void add(ProviderConnection& connection);
  void remove(ProviderConnection& connection);
  /// Asks all connections of this shard to go. [shard]
  void kick_all_here();
  /// Whether hand_over_here() has not come to its end yet. [shard]
  [[nodiscard]] bool handing_over_here() const { return connections_[base::current_shard()].handing_over; }
  /// Gives connections of this shard, from place `from` of the list, to the next version: those that can be given.
  /// Looks at a bounded number; returns where to go on, or nothing at the end. [shard]
  [[nodiscard]] std::optional<size_t> hand_over_here(const std::shared_ptr<ProtocolProvider>& next, size_t from);

  [[nodiscard]] bool can_freeze() const { return PATCHBAY_HAS(patchbay_protocol, &table_, freeze) && table_.freeze; }
  [[nodiscard]] bool can_thaw() const { return PATCHBAY_HAS(patchbay_protocol, &table_, thaw) && table_.thaw; }

 private:
  struct alignas(64) Connections {
    std::vector<ProviderConnection*> list;
    bool handing_over = false;
  };

  plugin_services::ServiceAccount& account_;
  const plugin_services::ServiceShards& shards_;
  const std::shared_ptr<ConnectionRuns> runs_;
  const patchbay_protocol& table_;
  void* const self_;
  const std::string id_;
  const std::string_view name_;
  const uint32_t transports_;
  const uint32_t maximum_unconsumed_bytes_;
  std::vector<std::string> alpn_;
  std::vector<std::string> websocket_subprotocols_;
  std::atomic<bool> closed_{false};
  std::vector<Connections> connections_;
};

/// A copy of the text that lives as long as the process; the same text is kept once. [any-thread]
[[nodiscard]] std::string_view interned(std::string_view text);

}  // namespace patchbay::plugin_protocols

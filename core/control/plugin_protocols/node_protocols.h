#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/epoch.h"
#include "connection/protocol_directory.h"
#include "plugin_bridge/instance.h"
#include "plugin_bridge/interface_directory.h"
#include "plugin_protocols/connection_runs.h"
#include "plugin_protocols/protocol_provider.h"
#include "plugin_protocols/protocol_records.h"
#include "plugin_services/node_services.h"
#include "plugin_services/service_shards.h"

namespace patchbay::plugin_protocols {

/// The protocols of all instances of this node: told of the instances' lives as NodeServices is. [control]
class NodeProtocols {
 public:
  /// `on_each_shard` empty: by mail to the shards' threads.
  NodeProtocols(connection::ProtocolDirectory& directory, const plugin_services::ServiceShards& shards,
                base::EpochDomain& epoch, plugin_services::OnEachShard on_each_shard = {});
  NodeProtocols(const NodeProtocols&) = delete;
  NodeProtocols& operator=(const NodeProtocols&) = delete;

  /// Enters PATCHBAY_BROKER_CLIENT_1.
  static void offer_interfaces(plugin_bridge::InterfaceDirectory& directory);

  /// start() was OK: if the instance has a protocol and the permission for it, listeners speak it from now on. When its
  /// id is taken by another version of the same instance, that one's place is taken, and the connections that can be
  /// frozen and thawed go on with this one; by another instance: it is told in the log, and the protocol isn't spoken.
  void opened(plugin_bridge::Instance& instance);
  /// Takes no new connections, and says goodbye to those that are there.
  void draining(plugin_bridge::Instance& instance);
  /// Waits until the last connection of the instance is gone. False: not within `limit_ms`.
  [[nodiscard]] bool wait_for_connections(plugin_bridge::Instance& instance, uint64_t limit_ms);
  /// To be called at the end of each turn of each shard, before sockets are written. [shard]
  void end_of_turn() { runs_->end_of_turn(); }
  /// Which protocols there are. [any-thread]
  [[nodiscard]] const ProtocolRecords& records() const { return records_; }

 private:
  using ProviderRef = std::shared_ptr<ProtocolProvider>;

  [[nodiscard]] ProviderRef provider_of(plugin_bridge::Instance& instance);
  [[nodiscard]] bool enter(const ProviderRef& provider);
  void replace(const ProviderRef& before, const ProviderRef& next);
  void on_each_shard(const std::function<void()>& work);

  connection::ProtocolDirectory& directory_;
  const plugin_services::ServiceShards& shards_;
  base::EpochDomain& epoch_;
  const std::shared_ptr<ConnectionRuns> runs_;  ///< also of connections that outlive this
  const plugin_services::OnEachShard on_each_shard_;
  ProtocolRecords records_;
  std::multimap<uint32_t, ProviderRef> providers_;  ///< by number of the instance: several after an upgrade was undone
};

}  // namespace patchbay::plugin_protocols

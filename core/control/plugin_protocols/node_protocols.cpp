#include "plugin_protocols/node_protocols.h"

#include <chrono>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "plugin_protocols/plugin_connection.h"
#include "plugin_protocols/plugin_machine.h"
#include "plugin_services/service_set.h"

namespace patchbay::plugin_protocols {

using plugin_bridge::Held;
using plugin_bridge::Instance;

namespace {
constexpr std::string_view kPermission = "protocol";
constexpr auto kLookEvery = std::chrono::milliseconds(1);
}  // namespace

NodeProtocols::NodeProtocols(connection::ProtocolDirectory& directory, const plugin_services::ServiceShards& shards,
                             base::EpochDomain& epoch, plugin_services::OnEachShard on_each_shard)
    : directory_(directory),
      shards_(shards),
      epoch_(epoch),
      runs_(std::make_shared<ConnectionRuns>(shards)),
      on_each_shard_(std::move(on_each_shard)) {}

void NodeProtocols::offer_interfaces(plugin_bridge::InterfaceDirectory& directory) {
  directory.offer(
      PATCHBAY_BROKER_CLIENT_1, std::string(kPermission),
      [](void*, Instance&) -> const void* { return broker_client_table(); }, nullptr);
}

NodeProtocols::ProviderRef NodeProtocols::provider_of(Instance& instance) {
  const patchbay_plugin* plugin = instance.plugin();
  if (plugin == nullptr || plugin->get == nullptr) return nullptr;
  const auto* table = static_cast<const patchbay_protocol*>(plugin->get(plugin->self, PATCHBAY_PROTOCOL_1));
  if (table == nullptr) return nullptr;
  plugin_services::ServiceAccount& account = plugin_services::ServiceSet::of(instance)->account();
  if (!instance.has_permission(kPermission)) {
    account.log.host_line(base::LogLevel::warning, "its protocol is not spoken: permission 'protocol' was not granted");
    return nullptr;
  }
  const bool whole = table->size >= offsetof(patchbay_protocol, freeze) && table->describe != nullptr &&
                     table->conn_open != nullptr && table->on_bytes != nullptr && table->on_deliver != nullptr &&
                     table->on_result != nullptr && table->on_timer != nullptr && table->on_writable != nullptr &&
                     table->on_kick != nullptr && table->on_close != nullptr;
  const patchbay_protocol_description* description = whole ? table->describe(plugin->self) : nullptr;
  if (description == nullptr || description->id.len == 0) {
    account.log.host_line(base::LogLevel::error,
                          "its protocol is not spoken: the table or its description is not whole");
    return nullptr;
  }
  return std::make_shared<ProtocolProvider>(account, shards_, runs_, *table, plugin->self, *description);
}

bool NodeProtocols::enter(const ProviderRef& provider) {
  connection::Protocol protocol;
  protocol.id = provider->id();
  protocol.alpn_names = provider->alpn();
  protocol.websocket_subprotocols = provider->websocket_subprotocols();
  protocol.factory = std::make_shared<PluginMachineFactory>(provider);
  return directory_.add(std::move(protocol), epoch_);
}

void NodeProtocols::opened(Instance& instance) {
  const ProviderRef provider = provider_of(instance);
  if (provider == nullptr) return;
  std::vector<ProviderRef> before;
  for (const auto& [number, other] : providers_) {
    if (other->id() != provider->id() || other->account().facts.name != instance.facts().name) continue;
    if (!other->closed()) static_cast<void>(directory_.remove(other->id(), epoch_));
    other->close();
    before.push_back(other);
  }
  if (!enter(provider)) {
    provider->account().log.host_line(base::LogLevel::error,
                                      "its protocol '" + provider->id() + "' is not spoken: another one has this id");
    return;
  }
  records_.opened(provider->id(), provider->name(), instance.facts().name, base::SystemClock().unix_ms());
  providers_.emplace(instance.facts().number, provider);
  for (const ProviderRef& other : before) replace(other, provider);
}

void NodeProtocols::on_each_shard(const std::function<void()>& work) {
  if (on_each_shard_) {
    static_cast<void>(on_each_shard_(work, 0));
    return;
  }
  for (uint32_t shard = 0; shard < shards_.count(); ++shard) shards_.run(shard, work);
}

/// Goes through the shard's connections, some in each turn.
namespace {
void hand_over(const plugin_services::ServiceShards& shards, const std::shared_ptr<ProtocolProvider>& before,
               const std::shared_ptr<ProtocolProvider>& next, size_t from) {
  const std::optional<size_t> place = before->hand_over_here(next, from);
  if (!place) return;
  shards.run(base::current_shard(), [&shards, before, next, place] { hand_over(shards, before, next, *place); });
}

/// Whoever can go on with the next version does; the others are kicked.
void kick_all(const plugin_services::ServiceShards& shards, const std::shared_ptr<ProtocolProvider>& provider) {
  if (!provider->handing_over_here()) return provider->kick_all_here();
  shards.run(base::current_shard(), [&shards, provider] { kick_all(shards, provider); });
}
}  // namespace

void NodeProtocols::replace(const ProviderRef& before, const ProviderRef& next) {
  on_each_shard([this, before, next] { hand_over(shards_, before, next, 0); });
}

void NodeProtocols::draining(Instance& instance) {
  const auto [first, last] = providers_.equal_range(instance.facts().number);
  for (auto found = first; found != last; ++found) {
    const ProviderRef provider = found->second;
    // A later version may have the id by now.
    if (!provider->closed()) {
      static_cast<void>(directory_.remove(provider->id(), epoch_));
      records_.closed(provider->id(), instance.facts().name, base::SystemClock().unix_ms());
    }
    provider->close();
    on_each_shard([this, provider] { kick_all(shards_, provider); });
  }
}

bool NodeProtocols::wait_for_connections(Instance& instance, uint64_t limit_ms) {
  if (!providers_.contains(instance.facts().number)) return true;
  const base::SystemClock clock;
  const uint64_t end_ms = clock.steady_ms() + limit_ms;
  // The directory's list and the connections hold the factory; the connections are counted.
  while (instance.held().value(Held::connections) != 0) {
    if (clock.steady_ms() >= end_ms) return false;
    std::this_thread::sleep_for(kLookEvery);
  }
  providers_.erase(instance.facts().number);
  return true;
}

}  // namespace patchbay::plugin_protocols

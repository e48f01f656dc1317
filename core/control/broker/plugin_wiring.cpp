#include "broker/plugin_wiring.h"

#include <optional>
#include <utility>

#include "base/log.h"
#include "broker/instance_service_adapter.h"
#include "package/plugin_package.h"
#include "plugin_host/plugin_path.h"
#include "plugin_host/shared_library.h"
#include "plugin_protocols/node_protocols.h"
#include "plugin_services/node_services.h"

namespace patchbay::broker {

namespace {

constexpr uint64_t kBarrierMs = 2'000;

plugin_bridge::BridgeEnvironment bridge_environment(const base::Clock& clock, NodeState& node, net::ShardGroup& shards,
                                                    const std::vector<std::unique_ptr<FlowShard>>& flow) {
  std::vector<base::ShardServices*> services;
  for (size_t i = 0; i < shards.size(); ++i) services.push_back(&shards.shard(i).services());
  const auto access_changed = [&shards, &flow] {
    for (size_t i = 0; i < shards.size(); ++i) {
      shards.shard(i).post(base::make_task([&access = flow[i]->environment().access] { access.invalidate_caches(); }));
    }
  };
  return {clock,       node.epoch,          node.completions,          node.hooks,
          node.access, std::move(services), &node.exchange.pressure(), access_changed};
}

plugin_bridge::BridgeOptions bridge_options(const config::Config& config) {
  plugin_bridge::BridgeOptions options;
  options.workers.threads = config.plugins.workers;
  options.leftovers = config.plugins.leftovers;
  return options;
}

plugin_services::ServiceLimits service_limits(const config::PluginLimitsConfig& config) {
  plugin_services::ServiceLimits limits;
  limits.max_pending_publishes = config.max_pending_publishes;
  limits.max_publish_depth = config.max_publish_depth;
  limits.max_subscriptions = config.max_subscriptions;
  limits.max_pending_queries = config.max_pending_queries;
  limits.max_timers = config.max_timers;
  limits.max_pending_work = config.max_pending_work;
  limits.max_threads = config.max_threads;
  limits.max_fd_watches = config.max_fd_watches;
  limits.max_streams = config.max_streams;
  limits.max_kv_bytes = config.max_kv_bytes;
  limits.max_metrics = config.max_metrics;
  limits.max_alarms = config.max_alarms;
  limits.max_leases = config.max_leases;
  limits.max_pending_requests = config.max_pending_requests;
  limits.route_deadline_ms = config.route_deadline_ms;
  return limits;
}

plugin_services::ServiceShards service_shards(net::ShardGroup& shards,
                                              const std::vector<std::unique_ptr<FlowShard>>& flow) {
  std::vector<plugin_services::ServiceShard> list;
  for (size_t i = 0; i < shards.size(); ++i) list.push_back({&shards.shard(i).services(), &flow[i]->environment()});
  return plugin_services::ServiceShards(std::move(list));
}

}  // namespace

// Members end in reverse order: the host, whose instances use the services, before these, and the bridge last.
struct PluginWiring::State {
  State(const config::Config& config, const base::Clock& clock, NodeState& node, net::ShardGroup& shards,
        const std::vector<std::unique_ptr<FlowShard>>& flow)
      : alarms(clock),
        bridge(bridge_environment(clock, node, shards, flow), bridge_options(config)),
        service_shards(broker::service_shards(shards, flow)),
        node_account(static_cast<uint32_t>(shards.size())),
        limits(service_limits(config.plugins.limits)),
        kv(std::filesystem::path(config.node.data_dir) / "plugins", limits.max_kv_bytes),
        directory([this] { deliver_services(); }),
        instance_alarms(alarms),
        administration([this]() -> plugin_host::PluginHost& { return *host; }),
        services({clock, service_shards, bridge.workers(), bridge.places(), node_account, limits, kv, directory,
                  instance_alarms, secrets, administration}),
        protocols(node.protocols, service_shards, node.epoch),
        adapter(services, protocols) {}

  void deliver_services() {
    if (host) host->on_control("", "services", [this] { directory.deliver(); });
  }

  alarms::Alarms alarms;
  plugin_bridge::Bridge bridge;
  plugin_services::ServiceShards service_shards;
  plugin_bridge::HeldCounters node_account;
  plugin_services::ServiceLimits limits;
  plugin_services::KvDirectory kv;
  plugin_services::ServiceDirectory directory;
  InstanceAlarms instance_alarms;
  InstanceSecrets secrets;
  HostAdministration administration;
  plugin_services::NodeServices services;
  plugin_protocols::NodeProtocols protocols;
  InstanceServiceAdapter adapter;
  plugin_host::SharedLibraryLoader loader;
  std::unique_ptr<plugin_host::PluginHost> host;
  struct TurnEnd {
    plugin_bridge::Bridge* bridge;
    plugin_protocols::NodeProtocols* protocols;
    base::ShardId shard;
  };
  std::vector<TurnEnd> turn_ends;
};

PluginWiring::PluginWiring(const config::Config& config, const base::Clock& clock, NodeState& node,
                           net::ShardGroup& shards, const std::vector<std::unique_ptr<FlowShard>>& flow)
    : state_(std::make_unique<State>(config, clock, node, shards, flow)) {
  State& state = *state_;
  plugin_services::NodeServices::offer_interfaces(state.bridge.interfaces());
  plugin_protocols::NodeProtocols::offer_interfaces(state.bridge.interfaces());
  state.turn_ends.reserve(shards.size());
  for (size_t i = 0; i < shards.size(); ++i) {
    state.turn_ends.push_back({&state.bridge, &state.protocols, shards.shard(i).id()});
    shards.shard(i).at_turn_end(
        [](void* context) {
          const auto& end = *static_cast<State::TurnEnd*>(context);
          end.protocols->end_of_turn();
          end.bridge->end_of_turn(end.shard);
        },
        &state.turn_ends.back());
  }
  plugin_host::HostEnvironment environment{state.bridge, state.alarms, state.adapter,
                                           state.loader, clock,        config.node.data_dir};
  environment.authenticator_absent = [&node](bool absent) {
    node.access.authenticator_absent.store(absent, std::memory_order_relaxed);
    if (!absent) return;
    base::log(base::LogArea::access, base::LogLevel::error,
              "a plugin that decides who may connect does not run: nobody is let in in its place");
  };
  environment.authorizer_absent = [&node](bool absent) {
    node.access.authorizer_absent.store(absent, std::memory_order_relaxed);
    if (!absent) return;
    base::log(base::LogArea::access, base::LogLevel::error,
              "a plugin that decides what clients may do does not run: what nobody else allows is denied");
  };
  state.host = std::make_unique<plugin_host::PluginHost>(std::move(environment), config.plugins, config.plugin);
  state.alarms.listen([this](const alarms::Alarm& alarm) {
    const bool cleared = alarm.deactivated_unix_ms.has_value();
    state_->host->tell(cleared ? hooks::HookId::alarm_cleared : hooks::HookId::alarm_raised,
                       {alarm.name, cleared ? "active" : "", cleared ? "" : "active", "node", alarm.details_json});
  });
}

PluginWiring::~PluginWiring() {
  stop();
}

std::vector<std::string> PluginWiring::problems(const config::Config& config) {
  return plugin_host::PluginHost::problems(config.plugins, config.plugin);
}

bool PluginWiring::has_authenticator(const config::Config& config) {
  for (const std::string& name : config.plugins.enabled) {
    const auto table = config.plugin.find(name);
    const config::PluginConfig plugin = table == config.plugin.end() ? config::PluginConfig{} : table->second;
    const auto report = package::inspect_package(plugin_host::plugin_file(config.plugins, plugin, name), {});
    if (!report || !report->manifest) continue;
    for (const package::HookProposal& hook : report->manifest->hooks) {
      if (hook.hook == "auth.authenticate" || hook.hook == "auth.enhanced") return true;
    }
  }
  return false;
}

base::Result<bool, std::string> PluginWiring::boot() {
  state_->bridge.start();
  return state_->host->boot();
}

void PluginWiring::reload(const config::Config& config) {
  state_->host->reload(config.plugins, config.plugin, {});
}

void PluginWiring::stop() {
  state_->host->stop();
  state_->bridge.stop();
}

plugin_host::PluginHost& PluginWiring::host() {
  return *state_->host;
}

plugin_bridge::Bridge& PluginWiring::bridge() {
  return state_->bridge;
}

alarms::Alarms& PluginWiring::alarms() {
  return state_->alarms;
}

const plugin_services::ServiceShards& PluginWiring::shards() const {
  return state_->service_shards;
}

const plugin_protocols::ProtocolRecords& PluginWiring::protocols() const {
  return state_->protocols.records();
}

plugin_services::NodeServices& PluginWiring::services() {
  return state_->services;
}

void PluginWiring::change_core_entries(std::function<void(plugin_bridge::ChainPublisher&)> change) {
  state_->host->on_control("", "core listeners", [&bridge = state_->bridge, change = std::move(change)] {
    change(bridge.chains());
    static_cast<void>(bridge.chains().republish(kBarrierMs));
  });
}

}  // namespace patchbay::broker

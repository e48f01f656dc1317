#include "broker/live_node.h"

#include "base/log.h"
#include "broker/flow_limits.h"
#include "broker/log_setup.h"
#include "broker/operations_wiring.h"
#include "session/mqtt_machine.h"

namespace patchbay::broker {

namespace {

std::vector<config::ConfigChange> tell_changes(LiveNode& live, const config::Config& after, std::string_view source) {
  std::vector<config::ConfigChange> changes = config::changes_between(live.config, after);
  for (const config::ConfigChange& change : changes) {
    const bool applied = change.reload == config::Reload::sighup;
    base::log(base::LogArea::config, base::LogLevel::info,
              applied ? "configuration changed" : "configuration change needs a restart",
              {{"key", change.key}, {"before", change.before}, {"after", change.after}, {"by", source}});
    if (!applied) continue;
    live.plugins.host().tell(hooks::HookId::config_changed,
                             {change.key, change.before, change.after, std::string(source)});
  }
  return changes;
}

void apply_to_shards(LiveNode& live, const config::Config& after, std::vector<std::string>& notes) {
  const auto rewrite = topic_rewrite(after);
  if (!rewrite) notes.push_back(rewrite.error());
  const auto limits = std::make_shared<const session::SessionLimits>(session_limits(after));
  const access::AccessSettings access = access_settings(after);
  const router::RouterLimits routing = router_limits(after);
  live.shards.run_on_each([&](net::IoShard& shard) {
    session::SessionEnvironment& environment = live.flow[shard.id()]->environment();
    environment.limits = limits;
    environment.access.set_settings(access);
    if (rewrite) environment.rewrite = *rewrite;
    live.flow[shard.id()]->set_router_limits(routing);
  });
  live.node.index.set_shared_strategies(routing.shared_strategy, routing.shared_group_strategies);
  live.node.index.set_exclusive_available(routing.exclusive_subscription_available);
}

}  // namespace

std::vector<config::ConfigChange> apply_configuration(LiveNode& live, const config::Config& after,
                                                      std::string_view source, std::vector<std::string>& notes) {
  std::vector<config::ConfigChange> changes = tell_changes(live, after, source);
  apply_to_shards(live, after, notes);
  live.config = after;
  set_log_levels(after.log);
  listen_for_sys_topics(live, after.sys_topics);
  live.operations.configure(operations_settings(after));
  return changes;
}

base::Result<net::ListenerStatus, std::string> start_listener(LiveNode& live, const net::ListenerOptions& options) {
  const auto make_protocol = [&flow = live.flow](
                                 net::IoShard& shard,
                                 const session::ListenerInfo&) -> std::unique_ptr<session::ProtocolFactory> {
    return std::make_unique<session::MqttFactory>(flow[shard.id()]->environment());
  };
  auto status = live.listeners.start(options, make_protocol);
  if (!status) return status;
  base::log(base::LogArea::net, base::LogLevel::info, "listening", {{"listener", status->id}, {"bind", status->bind}});
  live.plugins.host().tell(hooks::HookId::listener_state, {status->id, "stopped", "running"});
  return status;
}

bool stop_listener(LiveNode& live, std::string_view id, bool kick) {
  if (!live.listeners.stop(id, kick)) return false;
  base::log(base::LogArea::net, base::LogLevel::info, "listener stopped", {{"listener", id}});
  live.plugins.host().tell(hooks::HookId::listener_state, {std::string(id), "running", "stopped"});
  return true;
}

void listen_for_sys_topics(LiveNode& live, const config::SysTopicsConfig& config) {
  live.sys.configure(config);
  live.plugins.change_core_entries(
      [&sys = live.sys, config](plugin_bridge::ChainPublisher& chains) { sys.listen(config, chains); });
}

}  // namespace patchbay::broker

#include "broker/broker.h"

#include <mutex>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "broker/admin_wiring.h"
#include "broker/flow_limits.h"
#include "broker/flow_shard.h"
#include "broker/live_node.h"
#include "broker/node_commands.h"
#include "broker/operations_wiring.h"
#include "broker/operator_actions.h"
#include "broker/plugin_wiring.h"
#include "broker/sys_publisher.h"
#include "config/config_changes.h"
#include "metrics/metrics_registry.h"
#include "net/listeners.h"
#include "net/shard_group.h"

namespace patchbay::broker {

namespace {

constexpr uint64_t kDrainDeadlineMs = 5000;  // how long a stop waits for clients to take their DISCONNECT

uint64_t unpredictable_seed() {
  base::SystemRandom random;
  return random.next();
}

}  // namespace

// Members end in reverse order: the flow plane's shards before the loops that carry their timers, the node's shared
// state last.
struct Broker::State {
  State(const config::Config& initial, const std::string& given_version)
      : version(given_version),
        config(initial),
        node(router_limits(initial), shard_count(initial), initial.node.mailbox_high_water, unpredictable_seed()),
        shards(shard_count(initial), clock, node.epoch, connection_limits(initial)),
        sys(initial.node.name, given_version, clock,
            [this](base::ShardId shard) -> session::SessionEnvironment& { return flow[shard]->environment(); }),
        listeners(std::make_unique<net::Listeners>(shards, net_limits(initial), node.extensions)) {}

  const std::string version;
  std::mutex changes;  // one change of the configuration at a time
  config::Config config;
  config::ConfigSources sources;
  base::SystemClock clock;
  NodeState node;
  metrics::MetricsRegistry metrics;
  net::ShardGroup shards;
  std::vector<std::unique_ptr<FlowShard>> flow;
  SysPublisher sys;
  std::unique_ptr<PluginWiring> plugins;
  std::unique_ptr<operations::Operations> operations;
  std::unique_ptr<net::Listeners> listeners;
  std::optional<LiveNode> live;  // once plugins and listeners are there
  std::unique_ptr<NodeCommands> commands;
  std::unique_ptr<admin::AdminServer> api;  // null: off
  bool running = false;
};

Broker::Broker(const config::LoadedConfig& loaded, const std::string& version)
    : state_(std::make_unique<State>(loaded.config, version)) {
  state_->sources = loaded.sources;
}

Broker::~Broker() {
  stop();
}

std::vector<std::string> Broker::problems(const config::Config& config) {
  std::vector<std::string> problems = flow_problems(config);
  for (std::string& problem : PluginWiring::problems(config)) problems.push_back(std::move(problem));
  return problems;
}

bool Broker::has_authenticator(const config::Config& config) {
  return PluginWiring::has_authenticator(config);
}

base::Result<std::vector<std::string>, std::string> Broker::start() {
  State& state = *state_;
  auto rewrite = topic_rewrite(state.config);
  if (!rewrite) return base::fail(rewrite.error());
  const auto limits = std::make_shared<const session::SessionLimits>(session_limits(state.config));
  for (size_t i = 0; i < state.shards.size(); ++i) {
    net::IoShard& io = state.shards.shard(i);
    state.flow.push_back(std::make_unique<FlowShard>(io, state.node, limits, *rewrite, access_settings(state.config),
                                                     state.config.access.max_open_deferrals));
    state.metrics.add(*io.services().counters);
  }
  state.plugins = std::make_unique<PluginWiring>(state.config, state.clock, state.node, state.shards, state.flow);
  state.operations = make_operations(state.config, state.clock, state.node, state.metrics, *state.plugins);
  state.live.emplace(LiveNode{state.changes, state.config, state.sources, state.node, state.shards, state.flow,
                              *state.listeners, *state.plugins, state.sys, *state.operations});
  state.commands = std::make_unique<NodeCommands>(*state.live, &Broker::problems, &Broker::has_authenticator);
  listen_for_sys_topics(*state.live, state.config.sys_topics);
  publish_alarms();
  state.api = make_admin_server(
      state.config, {state.version, state.clock, state.metrics, *state.plugins, *state.operations, *state.commands});
  if (state.config.node.pin_shards) state.shards.stay_on_processors();
  state.shards.start();
  state.running = true;
  // Its threads, and those of operations, are there before plugins are: later ones would be taken for plugins' doing.
  const auto bound = state.api ? state.api->start() : std::string();
  auto ready = bound ? state.operations->start(operations_settings(state.config)) : base::fail(bound.error());
  if (ready) ready = state.plugins->boot();
  auto started = ready ? start_listeners() : base::fail(ready.error());
  if (!started) {
    stop();
    return started;
  }
  if (state.api) {
    started->push_back("api=" + *bound);
    state.api->accept();
  }
  state.plugins->host().tell(hooks::HookId::node_state, {state.config.node.name, "starting", "running"});
  state.plugins->host().tell(hooks::HookId::cluster_event, {state.config.node.name, "", "joined"});
  return started;
}

void Broker::publish_alarms() {
  State& state = *state_;
  state.plugins->alarms().listen([&state, node_name = state.config.node.name](const alarms::Alarm& alarm) {
    alarms::AlarmMessage message = alarms::alarm_message(node_name, alarm);
    session::SessionEnvironment& environment = state.flow[0]->environment();
    state.shards.shard(0).post(base::make_task(
        [&environment,
         held = std::vector<metrics::SysMessage>{{std::move(message.topic), std::move(message.payload)}}] {
          SysPublisher::publish(environment, held);
        }));
  });
}

base::Result<std::vector<std::string>, std::string> Broker::start_listeners() {
  State& state = *state_;
  std::vector<std::string> started;
  for (const net::ListenerOptions& options : listener_options(state.config)) {
    const auto status = start_listener(*state.live, options);
    if (!status) return base::fail(status.error());
    started.push_back(status->id + "=" + status->bind);
  }
  return started;
}

std::vector<std::string> Broker::reload(const config::LoadedConfig& loaded) {
  State& state = *state_;
  const OperatorAction reloading{"signal", "RELOAD", "/configuration"};
  if (!may_act(state.plugins->host(), reloading)) {
    audit(state.plugins->host(), reloading, "refused");
    return {"a plugin does not allow changes now (admin.before); the running configuration stays"};
  }
  const std::lock_guard lock(state.changes);
  std::vector<std::string> notes = state.listeners->reload_all_tls();
  if (state.api) {
    const auto read_again = state.api->reload_tls();
    if (!read_again) notes.push_back("api.certfile: " + read_again.error());
  }
  for (const config::ConfigChange& change : apply_configuration(*state.live, loaded.config, "file", notes)) {
    if (change.reload != config::Reload::sighup) notes.push_back(change.key + ": takes effect after a restart");
  }
  state.sources = loaded.sources;
  state.plugins->reload(loaded.config);
  audit(state.plugins->host(), reloading, "applied");
  return notes;
}

uint64_t Broker::housekeeping() {
  State& state = *state_;
  const std::lock_guard lock(state.changes);
  auto messages = state.sys.due(state.metrics);
  if (!messages.empty()) {
    session::SessionEnvironment& environment = state.flow[0]->environment();
    state.shards.shard(0).post(
        base::make_task([&environment, held = std::move(messages)] { SysPublisher::publish(environment, held); }));
  }
  return state.sys.next_due_in_ms();
}

plugin_host::PluginHost& Broker::plugins() {
  return state_->plugins->host();
}

void Broker::stop() {
  State& state = *state_;
  if (!std::exchange(state.running, false)) return;
  if (state.api) state.api->stop();
  state.plugins->host().tell(hooks::HookId::shutdown_begin, {state.config.node.name, "running", "stopping"});
  state.plugins->host().tell(hooks::HookId::cluster_event, {state.config.node.name, "joined", "left"});
  for (const net::ListenerStatus& listener : state.listeners->status())
    state.plugins->host().tell(hooks::HookId::listener_state, {listener.id, "running", "stopped"});
  state.listeners->stop_all();
  const bool all_gone = state.shards.drain_connections(session::CloseReason::server_shutdown, kDrainDeadlineMs);
  if (!all_gone)
    base::log(base::LogArea::broker, base::LogLevel::warning, "clients did not take their DISCONNECT in time");
  state.operations->stop();
  // While shards run: questions that are open get their answers, and what clients keep for plugins is destroyed.
  state.plugins->stop();
  state.shards.stop();
  // Machines refer to the flow plane's shards, and these to the loops: connections go first, the loops with their
  // timers last.
  state.shards.run_on_each([](net::IoShard& shard) { shard.connections().destroy_all(); });
  state.listeners.reset();
  state.flow.clear();
}

}  // namespace patchbay::broker

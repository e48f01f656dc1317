#include "broker/broker.h"

#include <utility>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "broker/flow_limits.h"
#include "broker/flow_shard.h"
#include "broker/operator_actions.h"
#include "broker/plugin_wiring.h"
#include "broker/sys_publisher.h"
#include "config/config_changes.h"
#include "metrics/metrics_registry.h"
#include "net/listeners.h"
#include "net/shard_group.h"
#include "session/mqtt_machine.h"

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
  State(const config::Config& initial, const std::string& version)
      : config(initial),
        node(router_limits(initial), shard_count(initial), initial.node.mailbox_high_water, unpredictable_seed()),
        shards(shard_count(initial), clock, node.epoch, connection_limits(initial)),
        sys(initial.node.name, version, clock,
            [this](base::ShardId shard) -> session::SessionEnvironment& { return flow[shard]->environment(); }),
        listeners(std::make_unique<net::Listeners>(shards, net_limits(initial), node.extensions)) {}

  config::Config config;
  base::SystemClock clock;
  NodeState node;
  metrics::MetricsRegistry metrics;
  net::ShardGroup shards;
  std::vector<std::unique_ptr<FlowShard>> flow;
  SysPublisher sys;
  std::unique_ptr<PluginWiring> plugins;
  std::unique_ptr<net::Listeners> listeners;
  bool running = false;
};

Broker::Broker(const config::Config& config, const std::string& version)
    : state_(std::make_unique<State>(config, version)) {}

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
  listen_for_sys_topics();
  publish_alarms();
  state.shards.start();
  state.running = true;
  const auto booted = state.plugins->boot();
  auto started = booted ? start_listeners() : base::fail(booted.error());
  if (!started) {
    stop();
    return started;
  }
  state.plugins->host().tell(hooks::HookId::node_state, {state.config.node.name, "starting", "running"});
  return started;
}

void Broker::listen_for_sys_topics() {
  State& state = *state_;
  state.sys.configure(state.config.sys_topics);
  state.plugins->change_core_entries([&state, config = state.config.sys_topics](plugin_bridge::ChainPublisher& chains) {
    state.sys.listen(config, chains);
  });
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
  const auto make_protocol = [&state](net::IoShard& shard,
                                      const session::ListenerInfo&) -> std::unique_ptr<session::ProtocolFactory> {
    return std::make_unique<session::MqttFactory>(state.flow[shard.id()]->environment());
  };
  std::vector<std::string> started;
  for (const net::ListenerOptions& options : listener_options(state.config)) {
    const auto status = state.listeners->start(options, make_protocol);
    if (!status) return base::fail(status.error());
    base::log(base::LogArea::net, base::LogLevel::info, "listening",
              {{"listener", status->id}, {"bind", status->bind}});
    started.push_back(status->id + "=" + status->bind);
    state.plugins->host().tell(hooks::HookId::listener_state, {status->id, "stopped", "running"});
  }
  return started;
}

std::vector<std::string> Broker::reload(const config::Config& config) {
  State& state = *state_;
  const OperatorAction reloading{"signal", "RELOAD", "/configuration"};
  if (!may_act(state.plugins->host(), reloading)) {
    audit(state.plugins->host(), reloading, "refused");
    return {"a plugin does not allow changes now (admin.before); the running configuration stays"};
  }
  std::vector<std::string> notes = state.listeners->reload_all_tls();
  for (const config::ConfigChange& change : config::changes_between(state.config, config)) {
    const bool applied = change.reload == config::Reload::sighup;
    base::log(base::LogArea::config, base::LogLevel::info,
              applied ? "configuration changed" : "configuration change needs a restart",
              {{"key", change.key}, {"before", change.before}, {"after", change.after}});
    if (applied)
      state.plugins->host().tell(hooks::HookId::config_changed, {change.key, change.before, change.after, "file"});
    if (!applied) notes.push_back(change.key + ": takes effect after a restart");
  }
  auto rewrite = topic_rewrite(config);
  if (!rewrite) notes.push_back(rewrite.error());
  const auto limits = std::make_shared<const session::SessionLimits>(session_limits(config));
  const access::AccessSettings access = access_settings(config);
  state.shards.run_on_each([&](net::IoShard& shard) {
    session::SessionEnvironment& environment = state.flow[shard.id()]->environment();
    environment.limits = limits;
    environment.access.set_settings(access);
    if (rewrite) environment.rewrite = *rewrite;
  });
  const router::RouterLimits routing = router_limits(config);
  state.node.index.set_shared_strategies(routing.shared_strategy, routing.shared_group_strategies);
  state.node.index.set_exclusive_available(routing.exclusive_subscription_available);
  state.config = config;
  listen_for_sys_topics();
  state.plugins->reload(config);
  audit(state.plugins->host(), reloading, "applied");
  return notes;
}

uint64_t Broker::housekeeping() {
  State& state = *state_;
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
  state.plugins->host().tell(hooks::HookId::shutdown_begin, {state.config.node.name, "running", "stopping"});
  for (const net::ListenerStatus& listener : state.listeners->status())
    state.plugins->host().tell(hooks::HookId::listener_state, {listener.id, "running", "stopped"});
  state.listeners->stop_all();
  const bool all_gone = state.shards.drain_connections(session::CloseReason::server_shutdown, kDrainDeadlineMs);
  if (!all_gone)
    base::log(base::LogArea::broker, base::LogLevel::warning, "clients did not take their DISCONNECT in time");
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

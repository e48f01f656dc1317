#include "broker/broker.h"

#include <utility>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "broker/flow_limits.h"
#include "broker/flow_shard.h"
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

// Members end in reverse order: sessions before the shards that carry their timers, the node's shared state last.
struct Broker::State {
  State(const config::Config& initial, std::string version_text)
      : config(initial),
        version(std::move(version_text)),
        node(router_limits(initial), shard_count(initial), initial.node.mailbox_high_water, unpredictable_seed()),
        shards(shard_count(initial), clock, node.epoch, connection_limits(initial)),
        listeners(std::make_unique<net::Listeners>(shards, net_limits(initial))) {}

  config::Config config;
  std::string version;
  base::SystemClock clock;
  NodeState node;
  net::ShardGroup shards;
  std::vector<std::unique_ptr<FlowShard>> flow;
  std::unique_ptr<net::Listeners> listeners;
  bool running = false;
};

Broker::Broker(const config::Config& config, std::string version)
    : state_(std::make_unique<State>(config, std::move(version))) {}

Broker::~Broker() {
  stop();
}

base::Result<std::vector<std::string>, std::string> Broker::start() {
  State& state = *state_;
  auto rewrite = topic_rewrite(state.config);
  if (!rewrite) return base::fail(rewrite.error());
  const auto limits = std::make_shared<const session::SessionLimits>(session_limits(state.config));
  const access::AccessSettings access = access_settings(state.config);
  for (size_t i = 0; i < state.shards.size(); ++i) {
    state.flow.push_back(std::make_unique<FlowShard>(state.shards.shard(i), state.node, limits, *rewrite, access,
                                                     state.config.access.max_open_deferrals));
  }
  state.shards.start();
  state.running = true;
  const auto make_protocol = [&state](net::IoShard& shard,
                                      const session::ListenerInfo&) -> std::unique_ptr<session::ProtocolFactory> {
    return std::make_unique<session::MqttFactory>(state.flow[shard.id()]->environment());
  };
  std::vector<std::string> started;
  for (const net::ListenerOptions& options : listener_options(state.config)) {
    const auto status = state.listeners->start(options, make_protocol);
    if (!status) {
      stop();
      return base::fail(status.error());
    }
    started.push_back(status->id + "=" + status->bind);
  }
  return started;
}

std::vector<std::string> Broker::reload(const config::Config& config) {
  State& state = *state_;
  std::vector<std::string> notes = state.listeners->reload_all_tls();
  auto rewrite = topic_rewrite(config);
  if (!rewrite) notes.push_back(rewrite.error());
  const auto limits = std::make_shared<const session::SessionLimits>(session_limits(config));
  state.shards.run_on_each([&](net::IoShard& shard) {
    session::SessionEnvironment& environment = state.flow[shard.id()]->environment();
    environment.limits = limits;
    if (rewrite) environment.rewrite = *rewrite;
  });
  state.node.index.set_shared_strategies(router_limits(config).shared_strategy,
                                         router_limits(config).shared_group_strategies);
  state.node.index.set_exclusive_available(config.mqtt.exclusive_subscription);
  state.config = config;
  return notes;
}

uint64_t Broker::housekeeping() {
  return 1000;
}

void Broker::stop() {
  State& state = *state_;
  if (!std::exchange(state.running, false)) return;
  state.listeners->stop_all();
  state.shards.drain_connections(session::CloseReason::server_shutdown, kDrainDeadlineMs);
  state.shards.stop();
}

}  // namespace patchbay::broker

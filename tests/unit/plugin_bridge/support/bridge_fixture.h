#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "access/access_control.h"
#include "base/chain_run.h"
#include "base/clock.h"
#include "base/deferral.h"
#include "base/shard_services.h"
#include "hooks/dispatch.h"
#include "hooks/hook_points.h"
#include "plugin_bridge/abi_views.h"
#include "plugin_bridge/bridge.h"
#include "plugin_bridge/instance.h"
#include "unit/plugin_bridge/support/test_plugin.h"

namespace patchbay::test {

/// Several shards played on the test's thread, on a manual clock, and a bridge on them whose workers run when they are
/// told to.
class BridgeFixture {
 public:
  static constexpr uint32_t kShards = 2;

  explicit BridgeFixture(plugin_bridge::BridgeOptions options = {}, uint32_t maximum_deferrals = 1'000) {
    options.workers.threads = 0;
    for (uint32_t i = 0; i < kShards; ++i) shards_.push_back(std::make_unique<Shard>(*this, i, maximum_deferrals));
    plugin_bridge::BridgeEnvironment environment{clock,  epoch, completions, points,
                                                 access, {},    &pressure,   [this] { ++access_changes; }};
    for (auto& shard : shards_) environment.shards.push_back(&shard->services);
    bridge = std::make_unique<plugin_bridge::Bridge>(environment, options);
  }

  /// Runs `work` as a turn of `shard`.
  template <class Work>
  void turn(uint32_t shard, Work&& work) {
    Shard& on = *shards_[shard];
    const base::ShardScope scope(static_cast<base::ShardId>(shard));
    epoch.enter(shard);
    on.services.now_ms = clock.steady_ms();
    on.services.now_unix_ms = clock.unix_ms();
    static_cast<void>(on.mailbox.drain());
    on.timers.advance(clock.steady_ms());
    work();
    bridge->end_of_turn(static_cast<base::ShardId>(shard));
    epoch.leave(shard);
  }
  /// An empty turn of every shard: mail and timers.
  void turns() {
    for (uint32_t shard = 0; shard < kShards; ++shard) turn(shard, [] {});
  }
  void after_ms(uint64_t step_ms) {
    clock.advance_ms(step_ms);
    turns();
  }

  /// Asks the deciders and transformers of a point on a shard; true when it was answered at once.
  template <class Event>
  bool ask(uint32_t shard, const base::ChainPoint<Event>& point, Event& event) {
    bool complete = false;
    turn(shard, [&] { complete = base::run_chain<Event>(point, deferrals(shard), event, nullptr); });
    return complete;
  }
  template <class Event>
  bool ask(uint32_t shard, const base::ChainPoint<Event>& point, Event& event, base::ChainPending<Event>& pending) {
    bool complete = false;
    turn(shard, [&] { complete = base::run_chain(point, deferrals(shard), event, &pending); });
    return complete;
  }
  template <class Event>
  void tell(uint32_t shard, const base::ChainPoint<Event>& point, std::type_identity_t<Event> event) {
    turn(shard, [&] { hooks::observe(point, event); });
  }

  [[nodiscard]] base::Deferrals& deferrals(uint32_t shard) { return shards_[shard]->deferrals; }
  /// All hooks of these instances, in this order.
  bool publish(const std::vector<plugin_bridge::Instance*>& instances) {
    return bridge->publish(all_hooks_of(instances), 100);
  }

  base::ManualClock clock;
  base::EpochDomain epoch;
  base::CompletionRouter completions;
  hooks::HookPoints points;
  access::AccessPoints access;
  std::atomic<uint32_t> pressure{0};
  int access_changes = 0;

 private:
  struct Shard {
    Shard(BridgeFixture& fixture, uint32_t id, uint32_t maximum_deferrals)
        : random(id + 1), timers(fixture.clock.steady_ms()), deferrals(services, maximum_deferrals) {
      services = {static_cast<base::ShardId>(id),
                  fixture.clock.steady_ms(),
                  fixture.clock.unix_ms(),
                  &fixture.clock,
                  &random,
                  &timers,
                  &counters,
                  &fixture.epoch,
                  &mailbox};
      fixture.completions.attach(services.id, &deferrals);
    }
    base::SeededRandom random;
    base::TimerWheel timers;
    base::Counters counters;
    base::Mailbox mailbox{[](void*) {}, nullptr};
    base::ShardServices services;
    base::Deferrals deferrals;
  };

  std::vector<std::unique_ptr<Shard>> shards_;

 public:
  std::unique_ptr<plugin_bridge::Bridge> bridge;
};

[[nodiscard]] inline access::ClientInfoRef make_client(std::string_view client_id = "c1", uint64_t handle = 7) {
  access::ClientInfoFields fields;
  fields.client_id = client_id;
  fields.username = "alice";
  fields.identity = "alice@example";
  fields.listener_id = "tcp:default";
  fields.protocol_version = 5;
  fields.peer_port = 4711;
  fields.handle = handle;
  return access::ClientInfo::create(fields, nullptr, {{"tenant", "blue"}}, 99);
}
[[nodiscard]] inline mqtt::MessageRef make_message(std::string_view topic = "a/b", std::string_view payload = "hello",
                                                   uint64_t origin_instance = 0) {
  mqtt::MessageFields fields;
  fields.topic = topic;
  fields.payload = {reinterpret_cast<const uint8_t*>(payload.data()), payload.size()};
  fields.publisher_client_id = "c1";
  if (origin_instance != 0) {
    fields.flags = mqtt::MessageFlags::from_plugin;
    fields.publisher_handle = origin_instance;
  }
  return mqtt::Message::create(fields);
}

}  // namespace patchbay::test

#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
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
#include "patchbay/answers.h"
#include "patchbay/events.h"
#include "plugin_bridge/abi_views.h"
#include "plugin_bridge/bridge.h"
#include "plugin_bridge/instance.h"

namespace patchbay::test {

/// Several shards played on the test's thread, on a manual clock, and a bridge on them whose workers run when they are
/// told to.
class BridgeFixture {
 public:
  static constexpr uint32_t kShards = 2;

  explicit BridgeFixture(plugin_bridge::BridgeOptions options = {}, uint32_t maximum_deferrals = 1'000) {
    options.workers.threads = 0;
    for (uint32_t i = 0; i < kShards; ++i) shards_.push_back(std::make_unique<Shard>(*this, i, maximum_deferrals));
    plugin_bridge::BridgeEnvironment environment{clock, epoch, completions, points, access, {}, &pressure};
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
    plugin_bridge::PublishedChains chains;
    uint32_t place = 0;
    for (plugin_bridge::Instance* instance : instances) {
      for (const auto& hook : instance->hooks()) {
        plugin_bridge::PublishedHook published;
        published.hook = hook.get();
        published.list_index = place;
        chains.hooks.push_back(published);
      }
      ++place;
    }
    return bridge->publish(std::move(chains), 100);
  }

  base::ManualClock clock;
  base::EpochDomain epoch;
  base::CompletionRouter completions;
  hooks::HookPoints points;
  access::AccessPoints access;
  std::atomic<uint32_t> pressure{0};

 private:
  struct Shard {
    Shard(BridgeFixture& fixture, uint32_t id, uint32_t maximum_deferrals)
        : random(id + 1), timers(fixture.clock.steady_ms()) {
      services = {static_cast<base::ShardId>(id),
                  fixture.clock.steady_ms(),
                  fixture.clock.unix_ms(),
                  &fixture.clock,
                  &random,
                  &timers,
                  &counters,
                  &fixture.epoch,
                  &mailbox};
      deferrals_owner = std::make_unique<base::Deferrals>(services, maximum_deferrals);
      fixture.completions.attach(services.id, deferrals_owner.get());
    }
    base::SeededRandom random;
    base::TimerWheel timers;
    base::Counters counters;
    base::Mailbox mailbox{[](void*) {}, nullptr};
    base::ShardServices services;
    std::unique_ptr<base::Deferrals> deferrals_owner;
    base::Deferrals& deferrals{*deferrals_owner};
  };

  std::vector<std::unique_ptr<Shard>> shards_;

 public:
  std::unique_ptr<plugin_bridge::Bridge> bridge;
};

/// A plugin as plain C tables: functions with a `self`, nothing of the core.
class TestPlugin {
 public:
  using Answer = std::function<patchbay_verdict(const void* event, patchbay_token token)>;

  TestPlugin(BridgeFixture& fixture, plugin_bridge::InstanceFacts facts)
      : instance(std::make_unique<plugin_bridge::Instance>(*fixture.bridge, std::move(facts))) {
    plugin.size = sizeof plugin;
    plugin.self = this;
    plugin.on_cancel = [](void* self, patchbay_token token) {
      static_cast<TestPlugin*>(self)->cancelled.push_back(token.id);
    };
    instance->set_plugin(&plugin);
  }
  explicit TestPlugin(BridgeFixture& fixture, uint32_t number = 1)
      : TestPlugin(fixture, facts("plugin" + std::to_string(number), number)) {}

  static plugin_bridge::InstanceFacts facts(std::string name, uint32_t number) {
    plugin_bridge::InstanceFacts facts;
    facts.name = std::move(name);
    facts.number = number;
    facts.plugin_id = "com.example.test";
    facts.version = "1.0.0";
    return facts;
  }

  [[nodiscard]] const patchbay_host* host() const { return instance->host(); }
  [[nodiscard]] const patchbay_answers& answers() const {
    return *static_cast<const patchbay_answers*>(host()->get(host(), PATCHBAY_ANSWERS_1));
  }

  /// Registers a hook that `answer` answers.
  patchbay_status on(uint32_t hook, uint32_t phase, Answer answer, patchbay_hook options = {}) {
    calls_.push_back(std::make_unique<Answer>(std::move(answer)));
    options.size = sizeof options;
    options.hook = hook;
    options.phase = phase;
    options.self = calls_.back().get();
    options.fn = [](void* self, const void* event, patchbay_token token) {
      return (*static_cast<Answer*>(self))(event, token);
    };
    return host()->add_hook(host(), &options);
  }
  /// Registers a batch observer.
  using Batch = std::function<void(const patchbay_record* records, size_t count)>;
  patchbay_status on_batch(uint32_t hook, Batch batch, patchbay_hook options = {}) {
    batches_.push_back(std::make_unique<Batch>(std::move(batch)));
    options.size = sizeof options;
    options.hook = hook;
    options.phase = PATCHBAY_PHASE_OBSERVE;
    options.self = batches_.back().get();
    options.batch = [](void* self, const patchbay_record* records, size_t count) {
      (*static_cast<Batch*>(self))(records, count);
    };
    return host()->add_hook(host(), &options);
  }
  void start() { instance->gate().move_to(plugin_bridge::GateState::open); }
  [[nodiscard]] plugin_bridge::Hook& hook(size_t index = 0) { return *instance->hooks()[index]; }

  patchbay_plugin plugin{};
  std::vector<uint64_t> cancelled;
  std::unique_ptr<plugin_bridge::Instance> instance;

 private:
  std::deque<std::unique_ptr<Answer>> calls_;
  std::deque<std::unique_ptr<Batch>> batches_;
};

[[nodiscard]] inline patchbay_verdict answer(uint8_t kind, uint8_t reason = 0) {
  patchbay_verdict verdict{};
  verdict.kind = kind;
  verdict.reason = reason;
  return verdict;
}
[[nodiscard]] inline patchbay_verdict answer_with(uint8_t kind, uint64_t handle) {
  patchbay_verdict verdict{};
  verdict.kind = kind;
  verdict.flags = PATCHBAY_VERDICT_ARG;
  verdict.arg = handle;
  return verdict;
}
[[nodiscard]] inline patchbay_str text(std::string_view from) {
  return plugin_bridge::view(from);
}
[[nodiscard]] inline std::string text(patchbay_str from) {
  return std::string(plugin_bridge::text_of(from));
}

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

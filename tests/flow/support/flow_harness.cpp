#include "support/flow_harness.h"

#include <utility>

#include "base/assert.h"

namespace patchbay::test {

struct FlowHarness::Shard {
  Shard(base::ShardId id, FlowHarness& harness, std::shared_ptr<const session::SessionLimits> limits,
        std::shared_ptr<const router::TopicRewrite> rewrite)
      : random(harness.options_.seed + id),
        timers(harness.clock.steady_ms()),
        mailbox([](void*) {}, nullptr),
        services{id,
                 harness.clock.steady_ms(),
                 harness.clock.unix_ms(),
                 &harness.clock,
                 &random,
                 &timers,
                 &counters,
                 &harness.epoch,
                 &mailbox},
        fan_out(id, harness.exchange_),
        deferrals(services),
        access(harness.access_points, deferrals, {harness.options_.anonymous}),
        retained(harness.router_limits_, services, fan_out, harness.retained_),
        router(harness.router_limits_, services, harness.index_, harness.presence_, retained, fan_out),
        delayed(harness.router_limits_, services, harness.delayed_,
                [this](const mqtt::MessageRef& message) {
                  static_cast<void>(session::publish_message(environment, mqtt::MessageRef(message)));
                }),
        environment{services,       std::move(limits), access,  harness.hook_points, deferrals, router,
                    harness.index_, retained,          delayed, harness.presence_,   fan_out,   rewrite},
        wills(environment),
        registry(environment),
        congestion(environment),
        subscriber(environment),
        hook_services(environment) {
    services.deferrals = &deferrals;
    environment.registry = &registry;
    environment.wills = &wills;
    environment.congestion = &congestion;
    harness.exchange_.connect(id, mailbox, subscriber);
    harness.completions.attach(id, &deferrals);
  }

  base::SeededRandom random;
  base::TimerWheel timers;
  base::Counters counters;
  base::Mailbox mailbox;
  base::ShardServices services;
  distribution::FanOut fan_out;
  base::Deferrals deferrals;
  access::AccessControl access;
  router::MemoryRetainedStore retained;
  router::PublishRouter router;
  router::DelayedMessages delayed;
  session::SessionEnvironment environment;
  session::WillPublisher wills;
  session::SessionRegistry registry;
  session::CongestionGate congestion;
  session::SessionSubscriber subscriber;
  session::HookServices hook_services;
};

FlowHarness::FlowHarness(FlowOptions options)
    : options_(std::move(options)),
      router_limits_(options_.router),
      exchange_(options_.shards, options_.mailbox_high_water),
      presence_(static_cast<base::ShardId>(options_.shards)),
      index_(router_limits_, epoch, static_cast<base::ShardId>(options_.shards), options_.seed),
      retained_(options_.shards) {
  const auto limits = std::make_shared<const session::SessionLimits>(options_.session);
  std::shared_ptr<const router::TopicRewrite> rewrite;
  if (!options_.rewrite.empty()) {
    auto compiled = router::TopicRewrite::compile(options_.rewrite);
    PATCHBAY_ASSERT(compiled.has_value());
    rewrite = std::make_shared<router::TopicRewrite>(std::move(compiled).value());
  }
  for (size_t i = 0; i < options_.shards; ++i) {
    const base::ShardScope scope(static_cast<base::ShardId>(i));
    shards_.push_back(std::make_unique<Shard>(static_cast<base::ShardId>(i), *this, limits, rewrite));
  }
}

FlowHarness::~FlowHarness() = default;

void FlowHarness::turn(base::ShardId id, const std::function<void()>& work) {
  Shard& shard = *shards_[id];
  const base::ShardScope scope(id);
  epoch.enter(id);
  shard.services.now_ms = clock.steady_ms();
  shard.services.now_unix_ms = clock.unix_ms();
  work();
  shard.fan_out.flush();
  epoch.leave(id);
}

void FlowHarness::settle() {
  bool any = true;
  while (any) {
    any = false;
    for (size_t i = 0; i < shards_.size(); ++i) {
      turn(static_cast<base::ShardId>(i), [&] { any = shards_[i]->mailbox.drain() > 0 || any; });
    }
  }
}

void FlowHarness::advance_ms(uint64_t duration_ms) {
  while (duration_ms > 0) {
    const uint64_t step_ms = std::min(duration_ms, base::TimerWheel::kTickMs);
    clock.advance_ms(step_ms);
    duration_ms -= step_ms;
    for (size_t i = 0; i < shards_.size(); ++i) {
      turn(static_cast<base::ShardId>(i), [&] { shards_[i]->timers.advance(clock.steady_ms()); });
    }
    settle();
  }
}

session::SessionEnvironment& FlowHarness::environment(base::ShardId shard) {
  return shards_[shard]->environment;
}

uint64_t FlowHarness::counted(base::Counter counter) const {
  uint64_t sum = 0;
  for (const auto& shard : shards_) sum += shard->counters.get(counter);
  return sum;
}

session::Session* FlowHarness::find_session(std::string_view client_id) {
  return shards_[session::home_shard(client_id, shards_.size())]->registry.find(client_id);
}

}  // namespace patchbay::test

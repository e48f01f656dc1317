#pragma once

#include <functional>
#include <string>
#include <vector>

#include "plugin_bridge/worker_pool.h"
#include "plugin_services/service_account.h"
#include "plugin_services/service_shards.h"
#include "support/flow_harness.h"

namespace patchbay::test {

/// One instance as its services see it.
struct InstanceFixture {
  InstanceFixture(std::string name, uint32_t number, plugin_bridge::CallPlaces& places, const base::Clock& clock,
                  const plugin_services::ServiceLimits& limits)
      : facts{std::move(name), number, "com.example.test", "1.0.0"},
        held(places.shards()),
        log(facts.name, PATCHBAY_LOG_INFO, clock),
        account(facts, gate, held, log, places, limits) {
    gate.move_to(plugin_bridge::GateState::open);
  }
  [[nodiscard]] uint64_t holds(plugin_bridge::Held what) const { return held.value(what); }

  plugin_bridge::InstanceFacts facts;
  plugin_bridge::Gate gate;
  plugin_bridge::HeldCounters held;
  plugin_bridge::InstanceLog log;
  plugin_services::ServiceAccount account;
};

/// The whole flow plane on two shards and a manual clock, workers that run on the test's thread, and one instance.
struct ServicesFixture {
  explicit ServicesFixture(plugin_services::ServiceLimits given = {}, uint32_t queue_max = 10'000)
      : limits(given), workers(places, flow.clock, {0, queue_max, "test"}), shards(reach(flow)) {}

  static std::vector<plugin_services::ServiceShard> reach(FlowHarness& flow) {
    std::vector<plugin_services::ServiceShard> all;
    for (size_t shard = 0; shard < flow.shard_count(); ++shard) {
      session::SessionEnvironment& environment = flow.environment(static_cast<base::ShardId>(shard));
      all.push_back({&environment.shard, &environment});
    }
    return all;
  }

  /// Lets shards and workers run until nothing is left to do.
  void settle() {
    do {
      flow.settle();
    } while (workers.run_pending() != 0);
    flow.settle();
  }
  void after_ms(uint64_t duration_ms) {
    flow.advance_ms(duration_ms);
    settle();
  }
  void on_each_shard(const std::function<void()>& work) {
    for (size_t shard = 0; shard < flow.shard_count(); ++shard) flow.turn(static_cast<base::ShardId>(shard), work);
  }

  FlowHarness flow;
  plugin_services::ServiceLimits limits;
  plugin_bridge::CallPlaces places{2};
  plugin_bridge::WorkerPool workers;
  plugin_services::ServiceShards shards;
  InstanceFixture instance{"probe", 7, places, flow.clock, limits};
  plugin_services::ServiceAccount& account = instance.account;
};

}  // namespace patchbay::test

#pragma once

#include <unistd.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "plugin_bridge/bridge.h"
#include "plugin_bridge/instance.h"
#include "plugin_services/node_services.h"
#include "support/flow_harness.h"

namespace patchbay::test {

/// The node's side of the roles that the services ask.
struct NodeRoles final : plugin_services::AlarmBoard,
                         plugin_services::SecretResolver,
                         plugin_services::InstanceAdministration {
  bool raise(const plugin_bridge::InstanceFacts& instance, std::string_view name, std::string_view text) override {
    alarms[instance.name + '/' + std::string(name)] = text;
    return true;
  }
  void clear(const plugin_bridge::InstanceFacts& instance, std::string_view name) override {
    alarms.erase(instance.name + '/' + std::string(name));
  }
  patchbay_status resolve(std::string_view reference, std::string& value) override {
    value = "value of " + std::string(reference);
    return PATCHBAY_OK;
  }
  void list(const Visit& visit) override { visit("other", "started", "fine"); }
  [[nodiscard]] bool knows(std::string_view instance) const override { return instance == "other"; }
  void request_start(std::string_view, std::string_view) override { ++starts; }
  void request_stop(std::string_view, std::string_view) override { ++stops; }

  std::map<std::string, std::string> alarms;
  int starts = 0;
  int stops = 0;
};

/// The services of a node with real instances: two shards played on the test's thread, workers run there, too.
struct NodeFixture {
  NodeFixture() {
    std::filesystem::remove_all(folder);
    plugin_services::NodeServices::offer_interfaces(bridge.interfaces());
  }
  ~NodeFixture() {
    bridge.workers().stop();
    std::filesystem::remove_all(folder);
  }

  [[nodiscard]] plugin_bridge::BridgeEnvironment bridge_environment() {
    return {flow.clock,       flow.epoch,         flow.completions,
            flow.hook_points, flow.access_points, {&flow.environment(0).shard, &flow.environment(1).shard}};
  }
  [[nodiscard]] std::vector<plugin_services::ServiceShard> reach() {
    return {{&flow.environment(0).shard, &flow.environment(0)}, {&flow.environment(1).shard, &flow.environment(1)}};
  }
  /// An instance that has all permissions, unless they are named.
  std::unique_ptr<plugin_bridge::Instance> instance(std::string name, uint32_t number,
                                                    plugin_services::ServiceDeclarations declarations = {},
                                                    std::set<std::string, std::less<>> permissions = {
                                                        "publish", "subscribe", "clients", "retained", "secrets",
                                                        "admin", "protocol"}) {
    plugin_bridge::InstanceFacts facts;
    facts.name = std::move(name);
    facts.number = number;
    facts.plugin_id = "com.example.test";
    facts.version = "1.0.0";
    facts.permissions = std::move(permissions);
    auto made = std::make_unique<plugin_bridge::Instance>(bridge, std::move(facts));
    services.attach(*made, std::move(declarations));
    return made;
  }
  void open(plugin_bridge::Instance& instance) {
    instance.gate().move_to(plugin_bridge::GateState::open);
    services.opened(instance);
  }
  [[nodiscard]] bool stop(plugin_bridge::Instance& instance, uint64_t limit_ms = 1'000) {
    instance.gate().move_to(plugin_bridge::GateState::draining);
    services.draining(instance);
    settle();
    instance.gate().move_to(plugin_bridge::GateState::closed);
    services.stopping(instance);
    return services.stopped(instance, limit_ms);
  }
  void settle() {
    do {
      flow.settle();
    } while (bridge.workers().run_pending() != 0);
    flow.settle();
  }
  bool on_each_shard(const std::function<void()>& work) {
    for (base::ShardId shard = 0; shard < 2; ++shard) {
      flow.turn(shard, [&] {
        flow.environment(shard).shard.mailbox->drain();
        work();
      });
    }
    return true;
  }

  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("patchbay_node_" + std::to_string(getpid()));
  FlowHarness flow;
  plugin_bridge::Bridge bridge{bridge_environment(), {{0, 1'000, "test"}, {}}};
  plugin_services::ServiceShards shards{reach()};
  plugin_bridge::HeldCounters node_account{2};
  plugin_services::ServiceLimits limits;
  plugin_services::KvDirectory kv{folder};
  plugin_services::ServiceDirectory directory;
  NodeRoles roles;
  plugin_services::NodeServices services{
      {flow.clock, shards, bridge.workers(), bridge.places(), node_account, limits, kv, directory, roles, roles, roles},
      [this](const std::function<void()>& work, uint64_t) { return on_each_shard(work); }};
};

}  // namespace patchbay::test

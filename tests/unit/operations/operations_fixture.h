#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "operations/operations.h"
#include "plugin_bridge/bridge.h"
#include "support/flow_harness.h"
#include "support/test_client.h"

namespace patchbay::test {

/// The operations on a whole flow plane of two shards, played on the test's thread, without a thread of their own.
struct OperationsFixture {
  OperationsFixture() {
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    for (base::ShardId shard = 0; shard < 2; ++shard) metrics.add(*flow.environment(shard).shard.counters);
    renew();
  }
  ~OperationsFixture() { std::filesystem::remove_all(folder); }

  /// As after a start of the broker: what was kept is read.
  base::Result<bool, std::string> restart() {
    renew();
    auto loaded = operations->banned().load();
    if (!loaded) return loaded;
    loaded = operations->topic_metrics().load();
    if (!loaded) return loaded;
    return operations->traces().load();
  }
  /// The work that shards have left, and the mail that it makes.
  void settle() {
    flow.settle();
    while (operations->queue().run_pending() != 0) flow.settle();
    flow.settle();
  }
  /// So many seconds, with what is done in each.
  void pass_s(uint64_t seconds) {
    for (uint64_t i = 0; i < seconds; ++i) {
      flow.advance_ms(1'000);
      operations->tick();
      settle();
    }
  }
  [[nodiscard]] std::string text_of(const std::filesystem::path& file) const {
    std::ifstream stream(folder / file);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  [[nodiscard]] bool nobody_listens() const {
    const hooks::HookPoints& points = flow.hook_points;
    return points.conn_accept.empty() && points.auth_connect_rewrite.empty() && points.session_open.empty() &&
           points.conn_opened.empty() && points.packet_in.empty() && points.packet_out.empty() &&
           points.auth_result.empty() && points.client_connected.empty() && points.client_disconnected.empty() &&
           points.subscribe_done.empty() && points.publish_routed.empty() && points.deliver_sent.empty() &&
           points.deliver_acked.empty() && points.deliver_dropped.empty();
  }

  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("patchbay_operations_" + std::to_string(getpid()));
  FlowHarness flow;
  metrics::MetricsRegistry metrics;
  alarms::Alarms alarms{flow.clock};
  uint64_t lines_dropped = 0;
  plugin_bridge::Bridge bridge{
      plugin_bridge::BridgeEnvironment{flow.clock,
                                       flow.epoch,
                                       flow.completions,
                                       flow.hook_points,
                                       flow.access_points,
                                       {&flow.environment(0).shard, &flow.environment(1).shard}},
      {{0, 1'000, "test"}, {}}};
  plugin_services::ServiceShards shards{
      {{&flow.environment(0).shard, &flow.environment(0)}, {&flow.environment(1).shard, &flow.environment(1)}}};
  std::unique_ptr<operations::Operations> operations;

 private:
  void renew() {
    operations::OperationsEnvironment environment{flow.clock,
                                                  shards,
                                                  metrics,
                                                  alarms,
                                                  [this](const operations::ChainChange& change) {
                                                    change(bridge.chains());
                                                    static_cast<void>(bridge.chains().republish(100));
                                                  },
                                                  folder};
    environment.max_connections = 10;
    environment.topics = [] { return uint64_t{7}; };
    environment.log_lines_dropped = [this] { return lines_dropped; };
    auto fresh = std::make_unique<operations::Operations>(std::move(environment));
    operations.swap(fresh);
  }
};

}  // namespace patchbay::test

#include "broker/operations_wiring.h"

#include <sys/resource.h>

#include <chrono>
#include <future>
#include <utility>

#include "broker/log_setup.h"

namespace patchbay::broker {

namespace {

/// How long a change of what the core listens to is waited for. It is made all the same, behind what the control
/// thread does now.
constexpr auto kPublishPatience = std::chrono::seconds(5);

operations::ChangeChains chain_changes(PluginWiring& plugins) {
  return [&plugins](operations::ChainChange change) {
    auto told = std::make_shared<std::promise<void>>();
    std::future<void> published = told->get_future();
    plugins.change_core_entries(std::move(change));
    // What is behind it is done later. Where the host has ended, the promise goes with the work that it throws away.
    plugins.host().on_control("", "core listeners published", [told = std::move(told)] { told->set_value(); });
    static_cast<void>(published.wait_for(kPublishPatience));
  };
}

/// As the net layer has it: node.max_connections, or what the process's descriptors allow.
uint64_t connections_in_force(const config::Config& config) {
  if (config.node.max_connections != 0) return config.node.max_connections;
  rlimit descriptors{};
  if (getrlimit(RLIMIT_NOFILE, &descriptors) != 0) return 0;
  const uint64_t most = descriptors.rlim_cur * 9 / 10;
  return most > 64 ? most - 64 : 0;
}

}  // namespace

std::unique_ptr<operations::Operations> make_operations(const config::Config& config, const base::Clock& clock,
                                                        NodeState& node, metrics::MetricsRegistry& metrics,
                                                        PluginWiring& plugins) {
  operations::OperationsEnvironment environment{
      clock, plugins.shards(), metrics, plugins.alarms(), chain_changes(plugins), config.node.data_dir};
  environment.max_connections = connections_in_force(config);
  environment.topics = [&index = node.index] { return index.filter_count(); };
  environment.log_lines_dropped = &log_lines_dropped;
  return std::make_unique<operations::Operations>(std::move(environment));
}

operations::OperationsSettings operations_settings(const config::Config& config) {
  operations::OperationsSettings settings;
  settings.flapping = {config.flapping_detect.enable, config.flapping_detect.max_count,
                       config.flapping_detect.window_time_s, config.flapping_detect.ban_time_s};
  settings.slow = {config.slow_subs.enable, config.slow_subs.threshold_ms, config.slow_subs.expire_interval_s,
                   config.slow_subs.top_k_num, static_cast<operations::SlowSpan>(config.slow_subs.stats_type)};
  return settings;
}

}  // namespace patchbay::broker

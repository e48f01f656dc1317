#include "admin/prometheus_page.h"

#include <algorithm>
#include <cstdio>

#include "admin/node_statistics.h"
#include "admin/plugin_fault_names.h"
#include "metrics/metric_family.h"
#include "metrics/prometheus_text.h"
#include "operations/operations.h"
#include "operations/system_usage.h"

namespace patchbay::admin {

namespace {

using metrics::MetricFamily;
using Labels = std::vector<std::pair<std::string, std::string>>;

std::string emqx_name(std::string_view name) {
  std::string metric = "emqx_" + std::string(name);
  std::replace(metric.begin(), metric.end(), '.', '_');
  return metric;
}

MetricFamily single_family(std::string name, std::string help, bool is_gauge, uint64_t value) {
  return {std::move(name), std::move(help), is_gauge, {{{}, std::to_string(value)}}};
}

void add_emqx_families(std::vector<MetricFamily>& families, const NodeAccess& node) {
  for (const Statistic& stat : node_stats(node))
    families.push_back(single_family(emqx_name(stat.name), stat.name, true, stat.value));
  for (const Statistic& counter : node_counters(node))
    families.push_back(single_family(emqx_name(counter.name), counter.name, false, counter.value));
  const operations::SystemMemory memory = operations::SystemMemory::now();
  const auto cpu = static_cast<uint64_t>(node.operations.monitor().cpu_use_percent() + 0.5);
  const metrics::NodeInfo info = node_info(node);
  const auto gauge = [&families](const char* name, const char* help, uint64_t value) {
    families.push_back(single_family(name, help, true, value));
  };
  gauge("emqx_vm_cpu_use", "percent of the machine's processors in use", cpu);
  gauge("emqx_vm_cpu_idle", "percent of the machine's processors idle", 100 - std::min<uint64_t>(cpu, 100));
  gauge("emqx_vm_total_memory", "bytes of the machine's memory", memory.total_bytes);
  gauge("emqx_vm_used_memory", "bytes of the machine's memory in use", memory.total_bytes - memory.available_bytes);
  gauge("emqx_vm_uptime_ms", "milliseconds since the start", info.uptime_ms);
  gauge("emqx_cluster_nodes_running", "nodes that run", 1);
  gauge("emqx_cluster_nodes_stopped", "nodes that are known and do not run", 0);
  gauge("emqx_banned_count", "bans", node.operations.banned().size());
}

void add_operations_families(std::vector<MetricFamily>& families, const NodeAccess& node) {
  operations::Operations& operations = node.operations;
  const auto add = [&families](const char* name, const char* help, bool is_gauge, uint64_t value) {
    families.push_back(single_family(name, help, is_gauge, value));
  };
  add("patchbay_banned_count", "bans", true, operations.banned().size());
  add("patchbay_banned_refused", "connections and CONNECTs of those who are banned", false,
      operations.banned().refused());
  add("patchbay_trace_events_dropped", "events that traces had no room for", false,
      operations.traces().dropped_events());
  add("patchbay_shard_lag_ms", "the longest that a shard took to read a letter", true,
      operations.node_watch().probes().longest_lag_ms());
  add("patchbay_shard_mail", "the most mail that waited at a shard", true,
      operations.node_watch().probes().most_mail());
  add("patchbay_process_resident_bytes", "memory of the broker's process", true,
      operations::SystemMemory::now().process_bytes);
  add("patchbay_alarms_active", "alarms that are active", true, node.alarms.active().size());
}

/// Families of hooks, one for each number that a hook has.
class HookFamilies {
 public:
  void add(const plugin_host::InstanceStatus& instance) {
    for (const plugin_host::HookStatus& hook : instance.hooks) add(instance.name, hook);
  }
  void move_to(std::vector<MetricFamily>& families) {
    for (MetricFamily& family : all_) {
      if (!family.samples.empty()) families.push_back(std::move(family));
    }
  }

 private:
  void add(const std::string& instance, const plugin_host::HookStatus& hook) {
    const Labels labels = {{"instance", instance}, {"hook", hook.hook}};
    const plugin_bridge::HookStatistics& numbers = hook.statistics;
    const bool closed = hook.breaker == plugin_bridge::Breaker::State::closed;
    const uint64_t values[] = {numbers.calls,         numbers.failed,     numbers.refused,
                               numbers.late,          numbers.not_called, numbers.dropped,
                               numbers.hard_overruns, numbers.queued,     closed ? 0U : 1U};
    for (size_t i = 0; i < std::size(values); ++i) all_[i].samples.push_back({labels, std::to_string(values[i])});
    for (const auto& [name, share] : {std::pair<const char*, double>{"0.5", 0.5}, {"0.99", 0.99}}) {
      Labels quantile = labels;
      quantile.emplace_back("quantile", name);
      char seconds[32];
      std::snprintf(seconds, sizeof seconds, "%.9f", static_cast<double>(numbers.latency.quantile_ns(share)) / 1e9);
      all_[std::size(values)].samples.push_back({std::move(quantile), seconds});
    }
  }

  MetricFamily all_[10] = {
      {"patchbay_hook_calls", "calls of a plugin's hook", false, {}},
      {"patchbay_hook_failed", "calls that a hook could not answer", false, {}},
      {"patchbay_hook_refused", "deferrals where none was possible", false, {}},
      {"patchbay_hook_late", "answers that did not come in time", false, {}},
      {"patchbay_hook_not_called", "events that a breaker kept from a hook", false, {}},
      {"patchbay_hook_dropped", "events that found a hook's queue full", false, {}},
      {"patchbay_hook_hard_overruns", "calls that took far too long", false, {}},
      {"patchbay_hook_queued", "events that wait in a hook's queue", true, {}},
      {"patchbay_hook_breaker_open", "1 while a breaker keeps events from a hook", true, {}},
      {"patchbay_hook_latency_seconds", "durations of sampled calls", true, {}},
  };
};

void add_plugin_families(std::vector<MetricFamily>& families, const NodeAccess& node) {
  MetricFamily running = {"patchbay_plugin_running", "1 while a plugin's instance runs", true, {}};
  MetricFamily tokens = {"patchbay_plugin_open_tokens", "questions that an instance has not answered yet", true, {}};
  MetricFamily faults = {"patchbay_plugin_faults", "what an instance did that no plugin must do, by kind", false, {}};
  HookFamilies hooks;
  for (const plugin_host::InstanceStatus& instance : node.plugins.list()) {
    const Labels labels = {{"instance", instance.name}, {"version", instance.version}};
    running.samples.push_back({labels, instance.state == plugin_host::PluginState::started ? "1" : "0"});
    tokens.samples.push_back({labels, std::to_string(instance.open_tokens)});
    for (const PluginFaultName& each : kPluginFaultNames) {
      faults.samples.push_back(
          {{{"instance", instance.name}, {"fault", each.name}}, std::to_string(instance.faults.*each.count)});
    }
    hooks.add(instance);
  }
  if (!running.samples.empty()) {
    families.push_back(std::move(running));
    families.push_back(std::move(tokens));
    families.push_back(std::move(faults));
  }
  hooks.move_to(families);
  const plugin_bridge::BackgroundThreads& background = node.plugins.background_threads();
  families.push_back(single_family("patchbay_threads_on_leftovers",
                                   "threads of workers and plugins that live on what others leave of the processors",
                                   true, background.on_leftovers()));
  families.push_back(single_family("patchbay_threads_starved",
                                   "times that one of these had too little of them, and was lifted for a while", false,
                                   background.starved()));
  for (MetricFamily& family : node.plugin_services.metric_families()) families.push_back(std::move(family));
}

}  // namespace

std::string prometheus_page(const NodeAccess& node) {
  std::vector<MetricFamily> families;
  add_emqx_families(families, node);
  add_operations_families(families, node);
  add_plugin_families(families, node);
  const metrics::NodeInfo info = node_info(node);
  return metrics::prometheus_text(info, node.metrics.snapshot()) + metrics::prometheus_families(info, families);
}

}  // namespace patchbay::admin

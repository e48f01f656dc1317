#include "admin/plugin_json.h"

#include <utility>

#include "admin/endpoints.h"
#include "admin/error_codes.h"
#include "admin/plugin_fault_names.h"
#include "admin/schema.h"
#include "base/utc_time.h"
#include "plugin_bridge/breaker.h"

namespace patchbay::admin {

namespace {

using plugin_host::InstanceStatus;
using plugin_host::PluginHealth;
using plugin_host::PluginState;

const char* health_name(PluginHealth::Kind kind) {
  if (kind == PluginHealth::Kind::healthy) return "healthy";
  return kind == PluginHealth::Kind::degraded ? "degraded" : "down";
}

Json transitions_json(const InstanceStatus& status) {
  Json list = Json::array();
  for (const plugin_host::PluginTransition& transition : status.transitions) {
    list.push_back({{"state", plugin_host::plugin_state_name(transition.state)},
                    {"at", base::utc_time_text(transition.unix_ms)},
                    {"reason", transition.reason}});
  }
  return list;
}

Json latency_json(const plugin_bridge::LatencyHistogram& latency) {
  return {{"samples", latency.samples()},
          {"p50_ns", latency.quantile_ns(0.5)},
          {"p99_ns", latency.quantile_ns(0.99)},
          {"max_ns", latency.quantile_ns(1.0)}};
}

Json faults_json(const plugin_host::PluginFaults& faults) {
  Json json = Json::object();
  for (const PluginFaultName& each : kPluginFaultNames) json[each.name] = faults.*each.count;
  return json;
}

/// "name-1.2.3" for the instance "name" of version 1.2.3.
bool is_named(const InstanceStatus& status, const std::string& name) {
  return status.name == name || status.name + "-" + status.version == name;
}

}  // namespace

Json hooks_json(const InstanceStatus& status) {
  static constexpr const char* kVerdicts[] = {"continue", "allow", "deny", "defer", "replace", "drop"};
  Json list = Json::array();
  for (const plugin_host::HookStatus& hook : status.hooks) {
    const plugin_bridge::HookStatistics& statistics = hook.statistics;
    Json verdicts = Json::object();
    for (size_t kind = 0; kind < std::size(kVerdicts); ++kind) verdicts[kVerdicts[kind]] = statistics.verdicts[kind];
    list.push_back({{"hook", hook.hook},
                    {"phase", hook.phase},
                    {"calls", statistics.calls},
                    {"verdicts", std::move(verdicts)},
                    {"answered", statistics.answered},
                    {"failed", statistics.failed},
                    {"faults", statistics.faults},
                    {"thrown", statistics.thrown},
                    {"refused", statistics.refused},
                    {"late", statistics.late},
                    {"cancelled", statistics.cancelled},
                    {"not_called", statistics.not_called},
                    {"soft_overruns", statistics.soft_overruns},
                    {"hard_overruns", statistics.hard_overruns},
                    {"queued", statistics.queued},
                    {"dropped", statistics.dropped},
                    {"latency", latency_json(statistics.latency)},
                    {"breaker", plugin_bridge::breaker_state_name(hook.breaker)},
                    {"breaker_openings", hook.openings}});
  }
  return list;
}

Json plugin_json(const std::string& node_name, const InstanceStatus& status) {
  const bool running = status.state == PluginState::started;
  const bool healthy = status.health.kind == PluginHealth::Kind::healthy;
  Json json = {
      {"name", status.name},
      {"rel_vsn", status.version},
      {"rel_apps", Json::array({status.plugin_id})},
      {"description", status.title},
      {"running_status", {{{"node", node_name}, {"status", running ? "running" : "stopped"}}}},
      {"health_status", {{"status", healthy ? "ok" : "error"}, {"message", status.health.text}}},
      {"config_status", status.enabled ? "enabled" : "disabled"},
      {"plugin_id", status.plugin_id},
      {"file", status.file},
      {"sha256", status.sha256},
      {"enabled", status.enabled},
      {"state", plugin_host::plugin_state_name(status.state)},
      {"reason", status.reason},
      {"health", {{"status", health_name(status.health.kind)}, {"message", status.health.text}}},
      {"transitions", transitions_json(status)},
      {"permissions", status.permissions},
      {"needs", status.needs},
      {"wants", status.wants},
      {"provides", status.provides},
      {"open_tokens", status.open_tokens},
      {"stale_answers", status.faults.stale_answers},
      {"faults", faults_json(status.faults)},
      {"settings_version", status.settings_version},
      {"soak_until", nullptr},
      {"soak_previous_version", nullptr},
  };
  if (status.soak_until_unix_ms) {
    json["soak_until"] = base::utc_time_text(*status.soak_until_unix_ms);
    json["soak_previous_version"] = status.soak_previous_version;
  }
  return json;
}

Json plugin_schema() {
  return schema::open_object();
}

std::optional<InstanceStatus> find_plugin(const NodeAccess& node, const std::string& name) {
  if (auto status = node.plugins.status(name)) return status;
  for (InstanceStatus& status : node.plugins.list()) {
    if (is_named(status, name)) return std::move(status);
  }
  return std::nullopt;
}

ApiResponse no_such_plugin(const std::string& name) {
  return ApiResponse::error(404, code::kNotFound, "there is no plugin '" + name + "'");
}

Json outcome_json(const plugin_host::Outcome& outcome) {
  return {{"message", outcome.sentence}, {"details", outcome.details}};
}

Json outcome_schema() {
  return schema::object({{"message", schema::string()}, {"details", schema::array(schema::string())}});
}

ApiResponse refused(std::string_view code, const plugin_host::Outcome& outcome) {
  Json body = outcome_json(outcome);
  body["code"] = code;
  return ApiResponse::json(body, 400);
}

void add_plugin_routes(RouteTable& routes, const NodeAccess& node) {
  add_plugin_life_routes(routes, node);
  add_plugin_upload_routes(routes, node);
  add_plugin_settings_routes(routes, node);
  add_plugin_order_routes(routes, node);
  add_plugin_api_routes(routes, node);
}

Route plugin_route(std::string method, std::string path, Access access, std::string summary) {
  Route route;
  route.method = std::move(method);
  route.path = std::move(path);
  route.tag = "Plugins";
  route.scope = "plugins";
  route.access = access;
  route.summary = std::move(summary);
  return route;
}

}  // namespace patchbay::admin

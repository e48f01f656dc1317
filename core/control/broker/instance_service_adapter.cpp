#include "broker/instance_service_adapter.h"

#include <optional>
#include <utility>

#include "base/log.h"

namespace patchbay::broker {

namespace {

std::string alarm_name(const plugin_bridge::InstanceFacts& instance, std::string_view name) {
  return "plugin/" + instance.name + "/own/" + std::string(name);
}

std::string_view health_text(const plugin_host::PluginHealth& health) {
  if (!health.text.empty()) return health.text;
  if (health.kind == plugin_host::PluginHealth::Kind::healthy) return "healthy";
  return health.kind == plugin_host::PluginHealth::Kind::degraded ? "degraded" : "down";
}

void log_request(std::string_view author, std::string_view instance, std::string_view what) {
  base::log(base::LogArea::plugin, base::LogLevel::info, "a plugin asks for a change",
            {{"author", author}, {"instance", instance}, {"change", what}});
}

}  // namespace

void InstanceServiceAdapter::attach(plugin_bridge::Instance& instance, const package::Manifest& manifest) {
  plugin_services::ServiceDeclarations declarations;
  declarations.provides.insert(manifest.provides.begin(), manifest.provides.end());
  for (const package::RouteDeclaration& route : manifest.routes)
    declarations.routes.push_back(
        {route.method, route.path, route.summary, route.request_schema, route.response_schema});
  services_.attach(instance, std::move(declarations));
}

void InstanceServiceAdapter::set_settings(plugin_bridge::Instance& instance, std::string_view masked_json,
                                          uint64_t version) {
  services_.set_settings(instance, std::string(masked_json), version);
}

void InstanceServiceAdapter::opened(plugin_bridge::Instance& instance) {
  services_.opened(instance);
  protocols_.opened(instance);
}

void InstanceServiceAdapter::draining(plugin_bridge::Instance& instance) {
  protocols_.draining(instance);
  services_.draining(instance);
}

void InstanceServiceAdapter::stopping(plugin_bridge::Instance& instance) {
  if (!protocols_.wait_for_connections(instance, kConnectionsMs)) {
    base::log(base::LogArea::plugin, base::LogLevel::warning, "connections of a plugin's protocol do not end",
              {{"instance", instance.facts().name}});
  }
  services_.stopping(instance);
}

void InstanceServiceAdapter::stopped(plugin_bridge::Instance& instance) {
  if (services_.stopped(instance, kStopMs)) return;
  base::log(base::LogArea::plugin, base::LogLevel::warning, "services of a plugin do not come to rest",
            {{"instance", instance.facts().name}});
}

std::vector<int> InstanceServiceAdapter::thread_ids() const {
  return services_.thread_ids();
}

bool InstanceAlarms::raise(const plugin_bridge::InstanceFacts& instance, std::string_view name, std::string_view text) {
  const std::string alarm = alarm_name(instance, name);
  return alarms_.raise(alarm, std::string(text)) || alarms_.is_active(alarm);
}

void InstanceAlarms::clear(const plugin_bridge::InstanceFacts& instance, std::string_view name) {
  alarms_.clear(alarm_name(instance, name));
}

patchbay_status InstanceSecrets::resolve(std::string_view reference, std::string& value) {
  if (!package::has_secret_reference(reference)) return PATCHBAY_INVALID;
  auto resolved = package::resolve_references(reference, sources_);
  if (!resolved) return PATCHBAY_NOT_FOUND;
  value = std::move(*resolved);
  return PATCHBAY_OK;
}

void HostAdministration::list(const Visit& visit) {
  for (const plugin_host::InstanceStatus& one : host_().list())
    visit(one.name, plugin_host::plugin_state_name(one.state), health_text(one.health));
}

bool HostAdministration::knows(std::string_view instance) const {
  return host_().status(std::string(instance)).has_value();
}

void HostAdministration::request_start(std::string_view author, std::string_view instance) {
  log_request(author, instance, "start");
  host_().enable(std::string(instance), std::nullopt, {});
}

void HostAdministration::request_stop(std::string_view author, std::string_view instance) {
  log_request(author, instance, "stop");
  host_().disable(std::string(instance), {});
}

}  // namespace patchbay::broker

#include "admin/gateway_view.h"

#include <algorithm>
#include <utility>

#include "admin/error_codes.h"
#include "admin/listener_json.h"
#include "base/utc_time.h"
#include "config/config_keys.h"
#include "plugin_host/plugin_host.h"

namespace patchbay::admin {

namespace {

constexpr std::string_view kMqtt = "mqtt";
constexpr std::string_view kMembers[] = {"name",        "status",     "enable",     "current_connections",
                                         "listeners",   "plugin",     "created_at", "max_connections",
                                         "node_status", "started_at", "stopped_at"};

void put_time(Json& json, const char* name, uint64_t unix_ms) {
  if (unix_ms != 0) json[name] = base::utc_time_text(unix_ms);
}

}  // namespace

std::map<std::string, Gateway> gateways_of(const NodeAccess& node) {
  std::map<std::string, Gateway> gateways;
  for (ProtocolView& protocol : node.commands.protocols()) {
    Gateway& gateway = gateways[protocol.id];
    gateway.protocol = std::move(protocol);
  }
  for (ListenerView& listener : node.commands.listeners()) {
    if (listener.config.protocol == kMqtt) continue;
    Gateway& gateway = gateways[listener.config.protocol];
    // Nobody has spoken it yet: its plugin has not been started.
    gateway.protocol.id = listener.config.protocol;
    gateway.listeners.push_back(std::move(listener));
  }
  return gateways;
}

std::string_view gateway_status(const Gateway& gateway) {
  if (gateway.protocol.running) return "running";
  return gateway.protocol.plugin.empty() ? "unloaded" : "stopped";
}

/// "stomp:tcp:default", as EMQX names them.
std::string gateway_listener_id(const Gateway& gateway, const ListenerView& listener) {
  return gateway.protocol.id + ':' + listener.id;
}

Json gateway_json(const Gateway& gateway, const std::string& node_name) {
  uint64_t connections = 0;
  uint64_t maximum = 0;
  bool unlimited = false;
  Json listeners = Json::array();
  for (const ListenerView& listener : gateway.listeners) {
    connections += listener.current_connections;
    maximum += listener.config.max_connections;
    unlimited = unlimited || listener.config.max_connections == 0;
    listeners.push_back({{"id", gateway_listener_id(gateway, listener)},
                         {"type", config::listener_type_name(listener.type)},
                         {"name", listener.name},
                         {"running", listener.running && gateway.protocol.running}});
  }
  const std::string_view status = gateway_status(gateway);
  const Json most = unlimited ? Json("infinity") : Json(maximum);
  Json json = {{"name", gateway.protocol.id},
               {"status", status},
               {"current_connections", connections},
               {"max_connections", most},
               {"listeners", std::move(listeners)},
               {"node_status", Json::array({{{"node", node_name},
                                             {"status", status},
                                             {"max_connections", most},
                                             {"current_connections", connections}}})}};
  if (!gateway.protocol.plugin.empty()) json["plugin"] = gateway.protocol.plugin;
  put_time(json, "created_at", gateway.protocol.created_unix_ms);
  put_time(json, "started_at", gateway.protocol.started_unix_ms);
  put_time(json, "stopped_at", gateway.protocol.stopped_unix_ms);
  return json;
}

bool is_gateway_member(std::string_view name) {
  return std::find(std::begin(kMembers), std::end(kMembers), name) != std::end(kMembers);
}

Json whole_gateway_json(const NodeAccess& node, const Gateway& gateway) {
  Json json = gateway_json(gateway, node.node_name);
  const auto plugin = node.plugins.status(gateway.protocol.plugin);
  json["enable"] = plugin && plugin->enabled;
  if (!plugin) return json;
  const Json settings = Json::parse(plugin->settings, nullptr, false);
  if (!settings.is_object()) return json;
  for (const auto& [name, value] : settings.items()) {
    if (!is_gateway_member(name)) json[name] = value;
  }
  return json;
}

Json gateway_listener_json(const NodeAccess& node, const Gateway& gateway, const ListenerView& listener) {
  Json json = listener_json(listener);
  json["id"] = gateway_listener_id(gateway, listener);
  const bool running = listener.running && gateway.protocol.running;
  const Json status = listener_status_json(running, listener.config.max_connections, listener.current_connections);
  json["running"] = running;
  json["status"] = status;
  json["node_status"] = Json::array({{{"node", node.node_name}, {"status", status}}});
  return json;
}

ApiResponse no_such_gateway(const std::string& name) {
  return ApiResponse::error(404, code::kResourceNotFound,
                            "no plugin has offered a protocol '" + name + "', and no listener speaks it");
}

Route gateway_route(std::string method, std::string path, Access access, std::string summary) {
  Route route;
  route.method = std::move(method);
  route.path = std::move(path);
  route.tag = "Gateways";
  route.scope = "gateways";
  route.access = access;
  route.summary = std::move(summary);
  return route;
}

}  // namespace patchbay::admin

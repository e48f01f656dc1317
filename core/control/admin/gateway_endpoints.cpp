// /gateways: the protocols that plugins speak, in the form in which EMQX shows its gateways. The core knows none of
// them by name: they are what plugins have offered since the node started, and what listeners are configured to speak.

#include <algorithm>
#include <map>
#include <optional>

#include "admin/client_query.h"
#include "admin/client_session_endpoints.h"
#include "admin/endpoints.h"
#include "admin/error_codes.h"
#include "admin/listener_json.h"
#include "admin/node_commands.h"
#include "admin/schema.h"
#include "base/utc_time.h"
#include "config/config_keys.h"
#include "plugin_host/plugin_host.h"

namespace patchbay::admin {

namespace {

constexpr std::string_view kMqtt = "mqtt";

/// One protocol and the listeners that speak it.
struct Gateway {
  ProtocolView protocol;
  std::vector<ListenerView> listeners;
};

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

void put_time(Json& json, const char* name, uint64_t unix_ms) {
  if (unix_ms != 0) json[name] = base::utc_time_text(unix_ms);
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

Json gateway_schema() {
  return schema::open_object();
}

ApiResponse list_gateways(const NodeAccess& node, const ApiRequest& request) {
  const std::string wanted = request.query_value("status").value_or("all");
  Json list = Json::array();
  for (const auto& [name, gateway] : gateways_of(node)) {
    if (wanted == "all" || wanted == gateway_status(gateway)) list.push_back(gateway_json(gateway, node.node_name));
  }
  return ApiResponse::json(list);
}

template <class Answer>
ApiResponse with_gateway(const NodeAccess& node, const ApiRequest& request, Answer answer) {
  const auto gateways = gateways_of(node);
  const std::string& name = request.path_parameter("name");
  const auto found = gateways.find(name);
  if (found != gateways.end()) return answer(found->second);
  return ApiResponse::error(404, code::kResourceNotFound,
                            "no plugin has offered a protocol '" + name + "', and no listener speaks it");
}

ApiResponse list_gateway_listeners(const NodeAccess& node, const Gateway& gateway) {
  Json list = Json::array();
  for (const ListenerView& listener : gateway.listeners) {
    Json json = listener_json(listener);
    json["id"] = gateway_listener_id(gateway, listener);
    const bool running = listener.running && gateway.protocol.running;
    const Json status = listener_status_json(running, listener.config.max_connections, listener.current_connections);
    json["running"] = running;
    json["status"] = status;
    json["node_status"] = Json::array({{{"node", node.node_name}, {"status", status}}});
    list.push_back(std::move(json));
  }
  return ApiResponse::json(list);
}

/// Turning a gateway on or off is turning its plugin on or off, also for the next start of the node.
ApiResponse enable_gateway(const NodeAccess& node, const ApiRequest& request, const Gateway& gateway) {
  const std::string& plugin = gateway.protocol.plugin;
  if (plugin.empty())
    return ApiResponse::error(400, code::kBadRequest,
                              "no plugin has spoken '" + gateway.protocol.id + "' since the node started: start it");
  const bool enable = request.path_parameter("enable") == "true";
  const plugin_host::Outcome outcome = plugin_host::wait_for([&](plugin_host::Done done) {
    if (enable) {
      node.plugins.enable(plugin, std::nullopt, std::move(done));
    } else {
      node.plugins.disable(plugin, std::move(done));
    }
  });
  if (outcome.ok) return ApiResponse::no_content();
  return ApiResponse::error(400, code::kBadRequest, outcome.sentence);
}

/// What is done to a client, if it is one of this gateway.
ApiResponse with_gateway_client(const NodeAccess& node, const ApiRequest& request, const Gateway& gateway,
                                ApiResponse (*act)(const NodeAccess&, const ApiRequest&)) {
  const FoundClient found = find_client(node.shards, request.path_parameter("clientid"));
  if (!found.answered) return shard_did_not_answer();
  if (!found.client || found.client->client->protocol_name() != gateway.protocol.name) return no_such_client();
  return act(node, request);
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

void add_gateways(RouteTable& routes, const NodeAccess& node) {
  Route list = gateway_route("GET", "/gateways", Access::read, "Protocols besides MQTT: those that plugins speak.");
  list.query = {{"status", schema::one_of_words({"running", "stopped", "unloaded", "all"}),
                 "unloaded: a listener names it, and no plugin has spoken it since the node started."}};
  list.responses = {{200, schema::array(gateway_schema())}};
  list.handler = [&node](const ApiRequest& request) { return list_gateways(node, request); };
  routes.add(std::move(list));

  Route one = gateway_route("GET", "/gateways/{name}", Access::read, "One of them.");
  one.responses = {{200, gateway_schema()}};
  one.handler = [&node](const ApiRequest& request) {
    return with_gateway(node, request, [&](const Gateway& gateway) {
      return ApiResponse::json(gateway_json(gateway, node.node_name));
    });
  };
  routes.add(std::move(one));

  Route enable = gateway_route("PUT", "/gateways/{name}/enable/{enable}", Access::write,
                               "Starts its plugin, or stops it, which ends its connections.");
  enable.path_schemas = {{"enable", schema::boolean()}};
  enable.responses = {{204, nullptr}};
  enable.handler = [&node](const ApiRequest& request) {
    return with_gateway(node, request, [&](const Gateway& gateway) { return enable_gateway(node, request, gateway); });
  };
  routes.add(std::move(enable));

  Route listeners = gateway_route("GET", "/gateways/{name}/listeners", Access::read, "Where it is spoken.");
  listeners.responses = {{200, schema::array(schema::open_object())}};
  listeners.handler = [&node](const ApiRequest& request) {
    return with_gateway(node, request, [&](const Gateway& gateway) { return list_gateway_listeners(node, gateway); });
  };
  routes.add(std::move(listeners));
}

void add_gateway_clients(RouteTable& routes, const NodeAccess& node) {
  Route list = gateway_route("GET", "/gateways/{name}/clients", Access::read, "The clients that speak it.");
  list.query = client_list_parameters();
  list.responses = {{200, schema::open_object()}};
  list.handler = [&node](const ApiRequest& request) {
    return with_gateway(node, request, [&](const Gateway& gateway) {
      // Where nobody has spoken it, nobody is its client.
      const std::string& name = gateway.protocol.name;
      return list_clients(node, request, name.empty() ? gateway.protocol.id : name);
    });
  };
  routes.add(std::move(list));

  Route one = gateway_route("GET", "/gateways/{name}/clients/{clientid}", Access::read, "One of its clients.");
  one.responses = {{200, client_schema()}};
  one.handler = [&node](const ApiRequest& request) {
    return with_gateway(node, request, [&](const Gateway& gateway) {
      return with_gateway_client(node, request, gateway, &show_client);
    });
  };
  routes.add(std::move(one));

  Route kick = gateway_route("DELETE", "/gateways/{name}/clients/{clientid}", Access::write, "Says goodbye to one.");
  kick.responses = {{204, nullptr}};
  kick.handler = [&node](const ApiRequest& request) {
    return with_gateway(node, request, [&](const Gateway& gateway) {
      return with_gateway_client(node, request, gateway, &kick_one_client);
    });
  };
  routes.add(std::move(kick));
}

}  // namespace

void add_gateway_routes(RouteTable& routes, const NodeAccess& node) {
  add_gateways(routes, node);
  add_gateway_clients(routes, node);
}

}  // namespace patchbay::admin

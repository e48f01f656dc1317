// /gateways: the protocols that plugins speak, shown and changed in the form of EMQX's gateways.

#include <optional>
#include <utility>

#include "admin/endpoints.h"
#include "admin/error_codes.h"
#include "admin/gateway_view.h"
#include "admin/plugin_json.h"
#include "admin/schema.h"
#include "plugin_host/plugin_host.h"

namespace patchbay::admin {

namespace {

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

ApiResponse no_plugin(const Gateway& gateway) {
  return ApiResponse::error(400, code::kBadRequest,
                            "no plugin has spoken '" + gateway.protocol.id + "' since the node started: start it");
}

/// Turning a gateway on or off is turning its plugin on or off, also for the next start of the node.
ApiResponse enable_gateway(const NodeAccess& node, const Gateway& gateway, bool enable) {
  const std::string& plugin = gateway.protocol.plugin;
  if (plugin.empty()) return no_plugin(gateway);
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

/// Merges what the body says into the settings of the gateway's plugin, which checks them: all that is no member of a
/// gateway is a setting. 204, or nothing has changed.
ApiResponse change_settings(const NodeAccess& node, const ApiRequest& request, const Gateway& gateway) {
  Json wanted = Json::object();
  for (const auto& [name, value] : request.body.items()) {
    if (!is_gateway_member(name)) wanted[name] = value;
  }
  if (wanted.empty()) return ApiResponse::no_content();
  const auto plugin = node.plugins.status(gateway.protocol.plugin);
  if (!plugin) return no_plugin(gateway);
  const Json before = Json::parse(plugin->settings, nullptr, false);
  Json settings = before.is_object() ? before : Json::object();
  settings.merge_patch(wanted);
  if (settings == before) return ApiResponse::no_content();
  plugin_host::SettingsRequest change;
  change.settings = settings.dump();
  change.author = request.caller.name;
  const plugin_host::Outcome outcome = plugin_host::wait_for(
      [&](plugin_host::Done done) { node.plugins.configure(plugin->name, change, std::move(done)); });
  return outcome.ok ? ApiResponse::no_content() : refused(code::kBadConfig, outcome);
}

/// In EMQX's form, one after the other: settings, listeners, on or off. What fails ends it; what was done before stays.
ApiResponse change_gateway(const NodeAccess& node, const ApiRequest& request, const Gateway& gateway) {
  const Json& body = request.body;
  if (body.contains("name") && body["name"] != gateway.protocol.id)
    return ApiResponse::error(400, code::kBadRequest, "name: is not that of " + gateway.protocol.id);
  ApiResponse answer = change_settings(node, request, gateway);
  if (answer.status != 204) return answer;
  for (const Json& listener : body.value("listeners", Json::array())) {
    answer = put_gateway_listener(node, gateway, listener);
    if (answer.status >= 300) return answer;
  }
  const auto plugin = node.plugins.status(gateway.protocol.plugin);
  if (body.contains("enable") && (!plugin || plugin->enabled != body["enable"].get<bool>()))
    return enable_gateway(node, gateway, body["enable"].get<bool>());
  return ApiResponse::no_content();
}

void add_gateways(RouteTable& routes, const NodeAccess& node) {
  Route list = gateway_route("GET", "/gateways", Access::read, "Protocols besides MQTT: those that plugins speak.");
  list.query = {{"status", schema::one_of_words({"running", "stopped", "unloaded", "all"}),
                 "unloaded: a listener names it, and no plugin has spoken it since the node started."}};
  list.responses = {{200, schema::array(gateway_schema())}};
  list.handler = [&node](const ApiRequest& request) { return list_gateways(node, request); };
  routes.add(std::move(list));

  Route one = gateway_route("GET", "/gateways/{name}", Access::read, "One of them, with its plugin's settings.");
  one.responses = {{200, gateway_schema()}};
  one.handler = [&node](const ApiRequest& request) {
    return with_gateway(node, request,
                        [&](const Gateway& gateway) { return ApiResponse::json(whole_gateway_json(node, gateway)); });
  };
  routes.add(std::move(one));
}

void add_gateway_changes(RouteTable& routes, const NodeAccess& node) {
  Route change = gateway_route("PUT", "/gateways/{name}", Access::write,
                               "Changes it: enable, listeners (those that are named), and its plugin's settings, of "
                               "which those that are not named stay as they are.");
  change.body_schema = schema::object(
      {{"name", schema::string()}, {"enable", schema::boolean()}, {"listeners", schema::array(schema::open_object())}});
  change.body_schema["additionalProperties"] = true;  // settings, which the plugin's own schema checks
  change.responses = {{204, nullptr}};
  change.handler = [&node](const ApiRequest& request) {
    return with_gateway(node, request, [&](const Gateway& gateway) { return change_gateway(node, request, gateway); });
  };
  routes.add(std::move(change));

  Route enable = gateway_route("PUT", "/gateways/{name}/enable/{enable}", Access::write,
                               "Starts its plugin, or stops it, which ends its connections.");
  enable.path_schemas = {{"enable", schema::boolean()}};
  enable.responses = {{204, nullptr}};
  enable.handler = [&node](const ApiRequest& request) {
    return with_gateway(node, request, [&](const Gateway& gateway) {
      return enable_gateway(node, gateway, request.path_parameter("enable") == "true");
    });
  };
  routes.add(std::move(enable));
}

/// Where EMQX has an authenticator of the gateway's own, ours are asked for the clients of all listeners: a gateway has
/// none, can be given none (405), and is shown as EMQX shows one without.
void add_gateway_authentication(RouteTable& routes, const NodeAccess& node) {
  const std::string path = "/gateways/{name}/authentication";
  Route show = gateway_route("GET", path, Access::read,
                             "204: it has none of its own. Its clients are authenticated by the chain of all.");
  Route remove = gateway_route("DELETE", path, Access::write, "Removes what it has of its own: nothing.");
  for (Route* route : {&show, &remove}) {
    route->responses = {{204, nullptr}};
    route->handler = [&node](const ApiRequest& request) {
      return with_gateway(node, request, [](const Gateway&) { return ApiResponse::no_content(); });
    };
    routes.add(std::move(*route));
  }
}

}  // namespace

void add_gateway_routes(RouteTable& routes, const NodeAccess& node) {
  add_gateways(routes, node);
  add_gateway_changes(routes, node);
  add_gateway_authentication(routes, node);
  add_gateway_listener_routes(routes, node);
  add_gateway_client_routes(routes, node);
}

}  // namespace patchbay::admin

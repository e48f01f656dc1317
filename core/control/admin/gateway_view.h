#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "admin/api_response.h"
#include "admin/json.h"
#include "admin/node_access.h"
#include "admin/node_commands.h"
#include "admin/route.h"

/// Protocols of plugins as EMQX shows its gateways. The core knows none of them by name: they are what plugins have
/// offered since the node started, and what listeners are configured to speak. [control]
namespace patchbay::admin {

/// One protocol and the listeners that speak it.
struct Gateway {
  ProtocolView protocol;
  std::vector<ListenerView> listeners;
};

[[nodiscard]] std::map<std::string, Gateway> gateways_of(const NodeAccess& node);
/// "running", "stopped", or "unloaded": a listener names it, and nobody has spoken it since the node started.
[[nodiscard]] std::string_view gateway_status(const Gateway& gateway);
/// "stomp:tcp:default", as EMQX names them.
[[nodiscard]] std::string gateway_listener_id(const Gateway& gateway, const ListenerView& listener);
/// What lists show of one.
[[nodiscard]] Json gateway_json(const Gateway& gateway, const std::string& node_name);
/// What is shown of one alone: that, whether it is enabled, and its plugin's settings as members beside. A setting with
/// the name of a member of the gateway is shown at /plugins/{name}/config only.
[[nodiscard]] Json whole_gateway_json(const NodeAccess& node, const Gateway& gateway);
/// Whether it is a member that a gateway has whatever its plugin.
[[nodiscard]] bool is_gateway_member(std::string_view name);
/// A listener with all its keys, under its id as one of the gateway.
[[nodiscard]] Json gateway_listener_json(const NodeAccess& node, const Gateway& gateway, const ListenerView& listener);

[[nodiscard]] ApiResponse no_such_gateway(const std::string& name);
/// What is answered of the gateway that the path names, if there is one.
template <class Answer>
ApiResponse with_gateway(const NodeAccess& node, const ApiRequest& request, Answer answer) {
  const auto gateways = gateways_of(node);
  const std::string& name = request.path_parameter("name");
  const auto found = gateways.find(name);
  return found != gateways.end() ? answer(found->second) : no_such_gateway(name);
}

/// A route of the group, with what all of them share.
[[nodiscard]] Route gateway_route(std::string method, std::string path, Access access, std::string summary);

/// Changes or creates a listener of the gateway, which `body` names as listener_id_of() says, with or without the
/// gateway's name in front. As put_listener().
[[nodiscard]] ApiResponse put_gateway_listener(const NodeAccess& node, const Gateway& gateway, const Json& body);

/// /gateways/{name}/listeners
void add_gateway_listener_routes(RouteTable& routes, const NodeAccess& node);

/// /gateways/{name}/clients
void add_gateway_client_routes(RouteTable& routes, const NodeAccess& node);

}  // namespace patchbay::admin

// /gateways/{name}/listeners: where a protocol of a plugin is spoken. They are the node's listeners, of which these
// routes see and touch only those of the gateway.

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "admin/error_codes.h"
#include "admin/gateway_view.h"
#include "admin/listener_changes.h"
#include "admin/schema.h"

namespace patchbay::admin {

namespace {

/// The node's id of the listener: without the gateway's name in front.
std::string node_listener_id(const Gateway& gateway, const std::string& id) {
  const std::string front = gateway.protocol.id + ':';
  return id.starts_with(front) ? id.substr(front.size()) : id;
}

std::optional<ListenerView> find_gateway_listener(const Gateway& gateway, const std::string& id) {
  for (const ListenerView& listener : gateway.listeners) {
    if (listener.id == node_listener_id(gateway, id)) return listener;
  }
  return std::nullopt;
}

/// What the node's listener is to be told. Nothing: the body wants another protocol.
std::optional<Json> node_listener_body(const Gateway& gateway, Json body) {
  const std::string& protocol = gateway.protocol.id;
  if (body.contains("protocol") && body["protocol"] != protocol) return std::nullopt;
  body["protocol"] = protocol;
  if (body.contains("id") && body["id"].is_string())
    body["id"] = node_listener_id(gateway, body["id"].get<std::string>());
  return body;
}

ApiResponse other_protocol(const Gateway& gateway) {
  return ApiResponse::error(400, code::kBadRequest,
                            "protocol: a listener of this gateway speaks " + gateway.protocol.id);
}

/// The listener as it is now, behind a change that went well.
ApiResponse changed(const NodeAccess& node, const Gateway& gateway, const std::string& id, ApiResponse answer) {
  const auto now = find_listener(node, id);
  if (answer.status == 200 && now) answer = ApiResponse::json(gateway_listener_json(node, gateway, *now));
  return answer;
}

ApiResponse list_gateway_listeners(const NodeAccess& node, const Gateway& gateway) {
  Json list = Json::array();
  for (const ListenerView& listener : gateway.listeners) list.push_back(gateway_listener_json(node, gateway, listener));
  return ApiResponse::json(list);
}

ApiResponse create_gateway_listener(const NodeAccess& node, const Gateway& gateway, const Json& given) {
  const auto body = node_listener_body(gateway, given);
  if (!body) return other_protocol(gateway);
  const std::string id = listener_id_of(*body);
  ApiResponse answer = changed(node, gateway, id, create_listener(node, id, *body));
  if (answer.status == 200) answer.status = 201;
  return answer;
}

ApiResponse change_gateway_listener(const NodeAccess& node, const Gateway& gateway, ListenerView listener,
                                    const Json& given) {
  const auto body = node_listener_body(gateway, given);
  if (!body) return other_protocol(gateway);
  const std::string id = listener.id;
  return changed(node, gateway, id, put_listener(node, std::move(listener), *body));
}

using ListenerOperation = std::function<ApiResponse(const ApiRequest&, const Gateway&, const ListenerView&)>;

void add_for_one(RouteTable& routes, const NodeAccess& node, Route route, ListenerOperation operation) {
  route.handler = [&node, operation = std::move(operation)](const ApiRequest& request) {
    return with_gateway(node, request, [&](const Gateway& gateway) {
      const std::string& id = request.path_parameter("id");
      const auto listener = find_gateway_listener(gateway, id);
      if (listener) return operation(request, gateway, *listener);
      return ApiResponse::error(404, code::kResourceNotFound, gateway.protocol.id + " has no listener " + id);
    });
  };
  routes.add(std::move(route));
}

void add_all_of_them(RouteTable& routes, const NodeAccess& node) {
  Route list = gateway_route("GET", "/gateways/{name}/listeners", Access::read, "Where it is spoken.");
  list.responses = {{200, schema::array(schema::open_object())}};
  list.handler = [&node](const ApiRequest& request) {
    return with_gateway(node, request, [&](const Gateway& gateway) { return list_gateway_listeners(node, gateway); });
  };
  routes.add(std::move(list));

  Route create = gateway_route("POST", "/gateways/{name}/listeners", Access::write,
                               "Opens another door to it: id, or type and name; bind; the keys of a listener.");
  create.body_schema = schema::open_object();  // its keys are checked by the table, as a configuration file's
  create.responses = {{201, schema::open_object()}};
  create.handler = [&node](const ApiRequest& request) {
    return with_gateway(node, request,
                        [&](const Gateway& gateway) { return create_gateway_listener(node, gateway, request.body); });
  };
  routes.add(std::move(create));
}

}  // namespace

ApiResponse put_gateway_listener(const NodeAccess& node, const Gateway& gateway, const Json& body) {
  const auto listener = find_gateway_listener(gateway, listener_id_of(body));
  return listener ? change_gateway_listener(node, gateway, *listener, body)
                  : create_gateway_listener(node, gateway, body);
}

void add_gateway_listener_routes(RouteTable& routes, const NodeAccess& node) {
  add_all_of_them(routes, node);

  Route show = gateway_route("GET", "/gateways/{name}/listeners/{id}", Access::read, "One of them, with all its keys.");
  show.responses = {{200, schema::open_object()}};
  add_for_one(routes, node, std::move(show),
              [&node](const ApiRequest&, const Gateway& gateway, const ListenerView& listener) {
                return ApiResponse::json(gateway_listener_json(node, gateway, listener));
              });

  Route change = gateway_route("PUT", "/gateways/{name}/listeners/{id}", Access::write,
                               "Changes one: it alone is started anew, and who is connected stays.");
  change.body_schema = schema::open_object();
  change.responses = {{200, schema::open_object()}};
  add_for_one(routes, node, std::move(change),
              [&node](const ApiRequest& request, const Gateway& gateway, const ListenerView& listener) {
                return change_gateway_listener(node, gateway, listener, request.body);
              });

  Route remove = gateway_route("DELETE", "/gateways/{name}/listeners/{id}", Access::write,
                               "Stops one and forgets it; one of the configuration file stays off.");
  remove.responses = {{204, nullptr}};
  add_for_one(routes, node, std::move(remove),
              [&node](const ApiRequest&, const Gateway&, const ListenerView& listener) {
                return delete_listener(node, listener.id);
              });
}

}  // namespace patchbay::admin

// The doors of the broker: which there are, opened, changed and closed one by one.

#include <map>
#include <optional>

#include "admin/endpoints.h"
#include "admin/error_codes.h"
#include "admin/listener_changes.h"
#include "admin/listener_json.h"
#include "admin/schema.h"
#include "config/config_keys.h"

namespace patchbay::admin {

namespace {

ApiResponse change_listener(const NodeAccess& node, const ApiRequest& request) {
  const std::string& id = request.path_parameter("id");
  auto listener = find_listener(node, id);
  if (!listener) return no_such_listener(id);
  return put_listener(node, std::move(*listener), request.body);
}

/// What runs already, or is stopped already, is in the state that was asked for.
ApiResponse act(const NodeAccess& node, const ApiRequest& request, bool stops, bool starts) {
  const std::string& id = request.path_parameter("id");
  auto listener = find_listener(node, id);
  if (!listener) return no_such_listener(id);
  if (stops && listener->running) {
    const auto stopped = node.commands.stop_listener(id);
    if (!stopped) return ApiResponse::error(400, code::kBadRequest, stopped.error());
    listener->running = false;
  }
  if (starts && !listener->running) {
    const auto started = node.commands.start_listener(id);
    if (!started) return ApiResponse::error(400, code::kBadRequest, started.error());
  }
  ApiResponse done;
  done.content_type.clear();
  return done;
}

ApiResponse list_listeners(const NodeAccess& node, const ApiRequest& request) {
  const auto type = request.query_value("type");
  Json list = Json::array();
  for (const ListenerView& listener : node.commands.listeners()) {
    if (type && *type != config::listener_type_name(listener.type)) continue;
    list.push_back(listener_summary(listener, node.node_name));
  }
  return ApiResponse::json(list);
}

/// One entry for each type.
ApiResponse list_status(const NodeAccess& node) {
  struct Sum {
    Json ids = Json::array();
    bool enabled = false;
    bool running = true;
    bool unlimited = false;
    uint64_t maximum = 0;
    uint64_t connections = 0;
  };
  std::map<config::ListenerType, Sum> sums;
  for (const ListenerView& listener : node.commands.listeners()) {
    Sum& sum = sums[listener.type];
    sum.ids.push_back(listener.id);
    sum.enabled = sum.enabled || listener.enabled;
    sum.running = sum.running && listener.running;
    sum.unlimited = sum.unlimited || listener.config.max_connections == 0;
    sum.maximum += listener.config.max_connections;
    sum.connections += listener.current_connections;
  }
  Json list = Json::array();
  for (const auto& [type, sum] : sums) {
    const Json status = listener_status_json(sum.running, sum.unlimited ? 0 : sum.maximum, sum.connections);
    list.push_back({{"type", config::listener_type_name(type)},
                    {"ids", sum.ids},
                    {"enable", sum.enabled},
                    {"status", status},
                    {"node_status", Json::array({{{"node", node.node_name}, {"status", status}}})}});
  }
  return ApiResponse::json(list);
}

Route listener_route(const char* method, const char* path, Access access, const char* summary) {
  Route route;
  route.method = method;
  route.path = path;
  route.tag = "Listeners";
  route.scope = "system";
  route.access = access;
  route.summary = summary;
  return route;
}

Json summary_schema() {
  const Json status = schema::object({{"running", schema::boolean()},
                                      {"max_connections", schema::anything("A number, or \"infinity\"")},
                                      {"current_connections", schema::integer(0, UINT64_MAX)}});
  return schema::object(
      {{"id", schema::string()},
       {"type", schema::string()},
       {"name", schema::string()},
       {"ids", schema::array(schema::string())},
       {"enable", schema::boolean()},
       {"number", schema::integer(0, 1)},
       {"bind", schema::string()},
       {"bound", schema::string("The address that is really bound")},
       {"status", status},
       {"node_status", schema::array(schema::object({{"node", schema::string()}, {"status", status}}))}});
}

void add_listener_actions(RouteTable& routes, const NodeAccess& node) {
  struct Action {
    const char* path;
    const char* summary;
    bool stops;
    bool starts;
  };
  constexpr Action kActions[] = {
      {"/listeners/{id}/start", "Start a listener, until the next start of the broker", false, true},
      {"/listeners/{id}/stop", "Stop a listener; its clients get a goodbye", true, false},
      {"/listeners/{id}/restart", "Stop and start a listener", true, true}};
  for (const Action& action : kActions) {
    Route route = listener_route("POST", action.path, Access::write, action.summary);
    route.responses = {{200, nullptr}};
    route.handler = [&node, action](const ApiRequest& request) {
      return act(node, request, action.stops, action.starts);
    };
    routes.add(std::move(route));
  }
}

void add_listener_changes(RouteTable& routes, const NodeAccess& node) {
  const Json body = schema::open_object();  // its keys are checked by the table, as a configuration file's
  Route create =
      listener_route("POST", "/listeners", Access::write, "Create a listener: id, or type and name; bind; …");
  create.body_schema = body;
  create.responses = {{200, schema::open_object()}};
  create.handler = [&node](const ApiRequest& request) {
    return create_listener(node, listener_id_of(request.body), request.body);
  };
  routes.add(std::move(create));
  Route create_by_id = listener_route("POST", "/listeners/{id}", Access::write, "Create a listener of this id");
  create_by_id.body_schema = body;
  create_by_id.responses = {{200, schema::open_object()}};
  create_by_id.handler = [&node](const ApiRequest& request) {
    return create_listener(node, request.path_parameter("id"), request.body);
  };
  routes.add(std::move(create_by_id));
  Route change = listener_route("PUT", "/listeners/{id}", Access::write,
                                "Change a listener: it alone is started anew, and who is connected stays");
  change.body_schema = body;
  change.responses = {{200, schema::open_object()}};
  change.handler = [&node](const ApiRequest& request) { return change_listener(node, request); };
  routes.add(std::move(change));
  Route remove = listener_route("DELETE", "/listeners/{id}", Access::write,
                                "Stop a listener and forget it; one of the configuration file stays off");
  remove.responses = {{204, nullptr}};
  remove.handler = [&node](const ApiRequest& request) { return delete_listener(node, request.path_parameter("id")); };
  routes.add(std::move(remove));
}

}  // namespace

void add_listener_routes(RouteTable& routes, const NodeAccess& node) {
  Route list = listener_route("GET", "/listeners", Access::read, "All listeners");
  list.query = {{"type", schema::one_of_words({"tcp", "ssl", "ws", "wss", "udp", "dtls"}), "Only of this type."}};
  list.responses = {{200, schema::array(summary_schema())}};
  list.handler = [&node](const ApiRequest& request) { return list_listeners(node, request); };
  routes.add(std::move(list));
  Route status = listener_route("GET", "/listeners_status", Access::read, "Listeners, summed by type");
  status.responses = {{200, schema::array(summary_schema())}};
  status.handler = [&node](const ApiRequest&) { return list_status(node); };
  routes.add(std::move(status));
  Route get = listener_route("GET", "/listeners/{id}", Access::read, "One listener with all its keys");
  get.responses = {{200, schema::open_object()}};
  get.handler = [&node](const ApiRequest& request) {
    const std::string& id = request.path_parameter("id");
    const auto listener = find_listener(node, id);
    return listener ? ApiResponse::json(listener_json(*listener)) : no_such_listener(id);
  };
  routes.add(std::move(get));
  add_listener_changes(routes, node);
  add_listener_actions(routes, node);
}

}  // namespace patchbay::admin

// /plugins: the list, and the life of one: start, stop, restart, move, breaker.
#include "admin/error_codes.h"
#include "admin/plugin_json.h"
#include "admin/schema.h"
#include "plugin_host/plugin_host.h"

namespace patchbay::admin {

namespace {

using plugin_host::Done;
using plugin_host::InstanceStatus;
using plugin_host::Outcome;

/// An operation on the instance that the path names.
template <class Operation>
ApiResponse with_plugin(const NodeAccess& node, const ApiRequest& request, Operation operation) {
  const std::string& name = request.path_parameter("name");
  const auto status = find_plugin(node, name);
  return status ? operation(*status) : no_such_plugin(name);
}

ApiResponse done_or(std::string_view code, const Outcome& outcome) {
  return outcome.ok ? ApiResponse::no_content() : refused(code, outcome);
}

ApiResponse start(const NodeAccess& node, const InstanceStatus& status) {
  return done_or(code::kParamError, plugin_host::wait_for([&](Done done) {
                   node.plugins.enable(status.name, std::nullopt, std::move(done));
                 }));
}

Outcome stop_now(const NodeAccess& node, const InstanceStatus& status) {
  return plugin_host::wait_for([&](Done done) { node.plugins.disable(status.name, std::move(done)); });
}

ApiResponse restart(const NodeAccess& node, const InstanceStatus& status) {
  const Outcome stopped = stop_now(node, status);
  return stopped.ok ? start(node, status) : refused(code::kParamError, stopped);
}

ApiResponse move(const NodeAccess& node, const ApiRequest& request, const InstanceStatus& status) {
  const std::string position = request.body.at("position").get<std::string>();
  const Outcome outcome =
      plugin_host::wait_for([&](Done done) { node.plugins.reorder(status.name, position, std::move(done)); });
  return done_or(code::kBadPosition, outcome);
}

ApiResponse force_breaker(const NodeAccess& node, const ApiRequest& request, const InstanceStatus& status) {
  const bool open = request.body.at("state").get<std::string>() == "open";
  const std::string hook = request.body.value("hook", "");
  return done_or(code::kParamError, plugin_host::wait_for([&](Done done) {
                   node.plugins.force_breaker(status.name, hook, open, std::move(done));
                 }));
}

ApiResponse health(const InstanceStatus& status) {
  Json hooks = Json::array();
  for (Json& hook : hooks_json(status)) {
    hooks.push_back(
        {{"hook", hook["hook"]}, {"breaker", hook["breaker"]}, {"breaker_openings", hook["breaker_openings"]}});
  }
  const Json plugin = plugin_json("", status);
  return ApiResponse::json({{"state", plugin["state"]},
                            {"reason", plugin["reason"]},
                            {"health", plugin["health"]},
                            {"open_tokens", plugin["open_tokens"]},
                            {"stale_answers", plugin["stale_answers"]},
                            {"soak_until", plugin["soak_until"]},
                            {"breakers", std::move(hooks)}});
}

void add_operation(RouteTable& routes, const NodeAccess& node, const char* word, std::string summary,
                   ApiResponse (*operation)(const NodeAccess&, const InstanceStatus&)) {
  Route route = plugin_route("PUT", "/plugins/{name}/" + std::string(word), Access::write, std::move(summary));
  route.responses = {{204, nullptr}};
  route.handler = [&node, operation](const ApiRequest& request) {
    return with_plugin(node, request, [&](const InstanceStatus& status) { return operation(node, status); });
  };
  routes.add(std::move(route));
}

void add_views(RouteTable& routes, const NodeAccess& node) {
  Route list = plugin_route("GET", "/plugins", Access::read, "All plugins, by name.");
  list.responses = {{200, schema::array(plugin_schema())}};
  list.handler = [&node](const ApiRequest&) {
    Json all = Json::array();
    for (const InstanceStatus& status : node.plugins.list()) all.push_back(plugin_json(node.node_name, status));
    return ApiResponse::json(all);
  };
  routes.add(std::move(list));

  Route one = plugin_route("GET", "/plugins/{name}", Access::read, "One plugin, with what its hooks have done.");
  one.responses = {{200, plugin_schema()}};
  one.handler = [&node](const ApiRequest& request) {
    return with_plugin(node, request, [&](const InstanceStatus& status) {
      Json json = plugin_json(node.node_name, status);
      json["hooks"] = hooks_json(status);
      return ApiResponse::json(json);
    });
  };
  routes.add(std::move(one));

  Route state = plugin_route("GET", "/plugins/{name}/health", Access::read, "How it is, and its breakers.");
  state.responses = {{200, schema::open_object()}};
  state.handler = [&node](const ApiRequest& request) { return with_plugin(node, request, health); };
  routes.add(std::move(state));
}

}  // namespace

void add_plugin_life_routes(RouteTable& routes, const NodeAccess& node) {
  add_views(routes, node);
  add_operation(routes, node, "start", "Starts it, now and at every start of the node.", start);
  add_operation(routes, node, "stop", "Takes it out of service and unloads it, also for the next start of the node.",
                [](const NodeAccess& at, const InstanceStatus& status) {
                  return done_or(code::kParamError, stop_now(at, status));
                });
  add_operation(routes, node, "restart", "Stops it and starts it anew.", restart);

  Route place =
      plugin_route("POST", "/plugins/{name}/move", Access::write, "Changes its place in the order of all its hooks.");
  place.body_schema =
      schema::object({{"position", schema::string("front, rear, before:NAME or after:NAME")}}, {"position"});
  place.responses = {{204, nullptr}};
  place.handler = [&node](const ApiRequest& request) {
    return with_plugin(node, request, [&](const InstanceStatus& status) { return move(node, request, status); });
  };
  routes.add(std::move(place));

  Route breaker = plugin_route("PUT", "/plugins/{name}/breaker", Access::write,
                               "Takes one hook, or all, out of the path, or puts them back; ends a quarantine.");
  breaker.body_schema = schema::object({{"state", schema::one_of_words({"open", "closed"})},
                                        {"hook", schema::string("A hook point; all when left out.")}},
                                       {"state"});
  breaker.responses = {{204, nullptr}};
  breaker.handler = [&node](const ApiRequest& request) {
    return with_plugin(node, request,
                       [&](const InstanceStatus& status) { return force_breaker(node, request, status); });
  };
  routes.add(std::move(breaker));
}

}  // namespace patchbay::admin

// In which order plugins are asked and why, who uses whom, and what has not left yet.
#include <map>
#include <utility>

#include "admin/error_codes.h"
#include "admin/plugin_json.h"
#include "admin/schema.h"
#include "plugin_host/plugin_host.h"

namespace patchbay::admin {

namespace {

using plugin_host::Done;
using plugin_host::Outcome;

/// The phases that an instance has a hook in, by hook and instance.
using Phases = std::map<std::pair<std::string, std::string>, std::string>;

Phases phases_of(const std::vector<plugin_host::InstanceStatus>& all) {
  Phases phases;
  for (const plugin_host::InstanceStatus& status : all) {
    for (const plugin_host::HookStatus& hook : status.hooks) phases[{hook.hook, status.name}] = hook.phase;
  }
  return phases;
}

ApiResponse order(const NodeAccess& node) {
  const Phases phases = phases_of(node.plugins.list());
  Json list = Json::array();
  for (const package::HookOrder& hook : node.plugins.order()) {
    uint64_t position = 0;
    for (const package::HookPosition& place : hook.positions) {
      const auto phase = phases.find({hook.hook, place.instance});
      list.push_back({{"hook", hook.hook},
                      {"position", ++position},
                      {"phase", phase == phases.end() ? "" : phase->second},
                      {"instance", place.instance},
                      {"reason", place.reason}});
    }
  }
  return ApiResponse::json(list);
}

ApiResponse dependencies(const NodeAccess& node) {
  Json list = Json::array();
  for (const plugin_host::DependencyEdge& edge : node.plugins.dependencies()) {
    list.push_back(
        {{"user", edge.user}, {"service", edge.service}, {"provider", edge.provider}, {"needed", edge.needed}});
  }
  return ApiResponse::json(list);
}

ApiResponse leaving(const NodeAccess& node) {
  Json list = Json::array();
  for (const plugin_host::LeavingStatus& one : node.plugins.leaving()) {
    list.push_back({{"instance", one.instance},
                    {"version", one.version},
                    {"state", plugin_host::plugin_state_name(one.state)},
                    {"reason", one.reason},
                    {"held", one.held}});
  }
  return ApiResponse::json(list);
}

ApiResponse put_order(const NodeAccess& node, const ApiRequest& request) {
  const auto instances = request.body.at("instances").get<std::vector<std::string>>();
  const Outcome outcome = plugin_host::wait_for(
      [&](Done done) { node.plugins.order_hook(request.path_parameter("hook"), instances, std::move(done)); });
  return outcome.ok ? ApiResponse::no_content() : refused(code::kMoveFailed, outcome);
}

void add_view(RouteTable& routes, const NodeAccess& node, const char* path, std::string summary,
              ApiResponse (*view)(const NodeAccess&)) {
  Route route = plugin_route("GET", path, Access::read, std::move(summary));
  route.responses = {{200, schema::array(schema::open_object())}};
  route.handler = [&node, view](const ApiRequest&) { return view(node); };
  routes.add(std::move(route));
}

}  // namespace

void add_plugin_order_routes(RouteTable& routes, const NodeAccess& node) {
  add_view(routes, node, "/plugins/order", "Who is asked at each hook point, in which order, and why.", order);
  add_view(routes, node, "/plugins/dependencies", "Who uses whose services.", dependencies);
  add_view(routes, node, "/plugins/leaving", "Versions that are not unloaded yet, and what still holds them.", leaving);
  Route put = plugin_route("PUT", "/plugins/order/{hook}", Access::write,
                           "The explicit order of one hook point; an empty list takes it back.");
  put.body_schema = schema::object({{"instances", schema::array(schema::string(), 1000)}}, {"instances"});
  put.responses = {{204, nullptr}};
  put.handler = [&node](const ApiRequest& request) { return put_order(node, request); };
  routes.add(std::move(put));
}

}  // namespace patchbay::admin

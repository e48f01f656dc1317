// /alarms: what an operator should look at.
#include "admin/endpoints.h"
#include "admin/error_codes.h"
#include "admin/paging.h"
#include "admin/schema.h"
#include "base/utc_time.h"

namespace patchbay::admin {

namespace {

Json alarm_json(const NodeAccess& node, const alarms::Alarm& alarm) {
  const uint64_t until_ms = alarm.deactivated_unix_ms.value_or(node.clock.unix_ms());
  Json details = Json::parse(alarm.details_json, nullptr, false);
  return {{"node", node.node_name},
          {"name", alarm.name},
          {"message", alarm.message},
          {"details", details.is_discarded() ? Json::object() : std::move(details)},
          {"duration", until_ms - std::min(until_ms, alarm.activated_unix_ms)},
          {"activate_at", base::utc_time_text(alarm.activated_unix_ms)},
          {"deactivate_at",
           alarm.deactivated_unix_ms ? base::utc_time_text(*alarm.deactivated_unix_ms) : std::string("infinity")}};
}

Json alarm_schema() {
  return schema::object({{"node", schema::string()},
                         {"name", schema::string()},
                         {"message", schema::string()},
                         {"details", schema::open_object()},
                         {"duration", schema::integer(0, UINT64_MAX, "Milliseconds.")},
                         {"activate_at", schema::string("RFC 3339.")},
                         {"deactivate_at", schema::string("RFC 3339, or \"infinity\" while it is active.")}});
}

ApiResponse list_alarms(const NodeAccess& node, const ApiRequest& request) {
  const bool active = request.query_flag("activated", true);
  const std::vector<alarms::Alarm> alarms = active ? node.alarms.active() : node.alarms.history();
  return page_of_list(alarms, page_of(request), [&](const alarms::Alarm& alarm) { return alarm_json(node, alarm); });
}

ApiResponse deactivate_alarm(const NodeAccess& node, const ApiRequest& request) {
  const std::string name = request.body.at("name").get<std::string>();
  if (node.alarms.clear(name)) return ApiResponse::no_content();
  return ApiResponse::error(404, code::kNotFound, "no such alarm is active: " + name);
}

Route alarm_route(std::string method, std::string path, Access access, std::string summary) {
  Route route;
  route.method = std::move(method);
  route.path = std::move(path);
  route.tag = "Alarms";
  route.scope = "monitoring";
  route.access = access;
  route.summary = std::move(summary);
  return route;
}

}  // namespace

void add_alarm_routes(RouteTable& routes, const NodeAccess& node) {
  Route list = alarm_route("GET", "/alarms", Access::read, "Alarms that are active, or those that were cleared.");
  list.query = paging_parameters({{"activated", schema::with_default(schema::boolean(), true),
                                   "true: those that are active; false: the history, newest first."}});
  list.responses = {{200, paged_schema(alarm_schema())}};
  list.handler = [&node](const ApiRequest& request) { return list_alarms(node, request); };
  routes.add(std::move(list));

  Route clear = alarm_route("DELETE", "/alarms", Access::write, "Forgets the alarms that were cleared.");
  clear.responses = {{204, nullptr}};
  clear.handler = [&node](const ApiRequest&) {
    node.alarms.clear_history();
    return ApiResponse::no_content();
  };
  routes.add(std::move(clear));

  Route deactivate = alarm_route("POST", "/alarms/force_deactivate", Access::write,
                                 "Clears an alarm; it is raised again when its condition is found again.");
  deactivate.body_schema = schema::object({{"name", schema::text(1, 1024)}}, {"name"});
  deactivate.responses = {{204, nullptr}};
  deactivate.handler = [&node](const ApiRequest& request) { return deactivate_alarm(node, request); };
  routes.add(std::move(deactivate));
}

}  // namespace patchbay::admin

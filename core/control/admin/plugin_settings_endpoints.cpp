// /plugins/{name}/config: settings, their schema and their versions.
#include <utility>

#include "admin/error_codes.h"
#include "admin/plugin_json.h"
#include "admin/schema.h"
#include "base/utc_time.h"
#include "plugin_host/plugin_host.h"

namespace patchbay::admin {

namespace {

using plugin_host::Done;
using plugin_host::InstanceStatus;
using plugin_host::Outcome;

Json parsed(const std::string& text) {
  Json json = Json::parse(text, nullptr, false);
  return json.is_discarded() || json.is_null() ? Json::object() : json;
}

ApiResponse put(const NodeAccess& node, const ApiRequest& request, const InstanceStatus& status) {
  plugin_host::SettingsRequest change;
  change.settings = request.body.dump();
  change.author = request.caller.name;
  change.note = request.query_value("note").value_or("");
  change.expected_version = request.query_number("expected_version");
  change.dry_run = request.query_flag("dry_run", false);
  const Outcome outcome =
      plugin_host::wait_for([&](Done done) { node.plugins.configure(status.name, change, std::move(done)); });
  if (!outcome.ok) return refused(code::kBadConfig, outcome);
  return change.dry_run ? ApiResponse::json(outcome_json(outcome)) : ApiResponse::no_content();
}

ApiResponse versions(const NodeAccess& node, const InstanceStatus& status) {
  Json list = Json::array();
  for (const package::SettingsVersion& version : node.plugins.versions(status.name)) {
    list.push_back({{"version", version.number},
                    {"author", version.author},
                    {"at", base::utc_time_text(version.unix_ms)},
                    {"note", version.note},
                    {"in_force", version.number == status.settings_version}});
  }
  return ApiResponse::json(list);
}

ApiResponse roll_back(const NodeAccess& node, const ApiRequest& request, const InstanceStatus& status) {
  const auto version = request.body.at("version").get<uint64_t>();
  const Outcome outcome = plugin_host::wait_for(
      [&](Done done) { node.plugins.roll_back(status.name, version, request.caller.name, std::move(done)); });
  return outcome.ok ? ApiResponse::json(outcome_json(outcome)) : refused(code::kBadConfig, outcome);
}

ApiResponse schema_of(const NodeAccess& node, const InstanceStatus& status) {
  const auto text = node.plugins.settings_schema(status.name);
  return ApiResponse::json({{"schema", text ? parsed(*text) : Json::object()}});
}

using Operation = std::function<ApiResponse(const ApiRequest&, const InstanceStatus&)>;

void add(RouteTable& routes, const NodeAccess& node, Route route, Operation operation) {
  route.handler = [&node, operation = std::move(operation)](const ApiRequest& request) {
    const std::string& name = request.path_parameter("name");
    const auto status = find_plugin(node, name);
    return status ? operation(request, *status) : no_such_plugin(name);
  };
  routes.add(std::move(route));
}

void add_changes(RouteTable& routes, const NodeAccess& node) {
  Route change =
      plugin_route("PUT", "/plugins/{name}/config", Access::write,
                   "Changes its settings, checked against its schema; a secret that comes back as \"******\" stays.");
  change.query = {
      {"dry_run", schema::boolean(), "Only says what would happen."},
      {"note", schema::text(0, 1024), "Kept with the version."},
      {"expected_version", schema::integer(0, ~uint64_t{0} >> 1), "Refuses when another version is in force."}};
  change.body_schema = schema::open_object();
  change.responses = {{200, outcome_schema()}, {204, nullptr}};
  add(routes, node, std::move(change),
      [&node](const ApiRequest& request, const InstanceStatus& status) { return put(node, request, status); });
  Route back = plugin_route("POST", "/plugins/{name}/config/rollback", Access::write,
                            "Puts the settings of an older version in force.");
  back.body_schema = schema::object({{"version", schema::integer(1, ~uint64_t{0} >> 1)}}, {"version"});
  back.responses = {{200, outcome_schema()}};
  add(routes, node, std::move(back),
      [&node](const ApiRequest& request, const InstanceStatus& status) { return roll_back(node, request, status); });
}

}  // namespace

void add_plugin_settings_routes(RouteTable& routes, const NodeAccess& node) {
  Route get = plugin_route("GET", "/plugins/{name}/config", Access::read,
                           "Its settings in force, with defaults; secrets are masked.");
  get.responses = {{200, schema::open_object()}};
  add(routes, node, std::move(get),
      [](const ApiRequest&, const InstanceStatus& status) { return ApiResponse::json(parsed(status.settings)); });
  Route schema_route = plugin_route("GET", "/plugins/{name}/schema", Access::read, "JSON Schema of its settings.");
  schema_route.responses = {{200, schema::open_object()}};
  add(routes, node, std::move(schema_route),
      [&node](const ApiRequest&, const InstanceStatus& status) { return schema_of(node, status); });
  Route list = plugin_route("GET", "/plugins/{name}/config/versions", Access::read,
                            "All versions of its settings, the newest first.");
  list.responses = {{200, schema::array(schema::open_object())}};
  add(routes, node, std::move(list),
      [&node](const ApiRequest&, const InstanceStatus& status) { return versions(node, status); });
  add_changes(routes, node);
}

}  // namespace patchbay::admin

#pragma once

#include <string>
#include <string_view>

#include "admin/api_response.h"
#include "admin/json.h"
#include "admin/node_access.h"
#include "admin/route.h"
#include "plugin_host/host_status.h"

/// What the endpoints of plugins have in common. [any-thread]
namespace patchbay::admin {

/// An instance with EMQX's members (name, rel_vsn, description, running_status, health_status) and ours.
[[nodiscard]] Json plugin_json(const std::string& node_name, const plugin_host::InstanceStatus& status);
[[nodiscard]] Json plugin_schema();
/// What each of its hooks has done.
[[nodiscard]] Json hooks_json(const plugin_host::InstanceStatus& status);

/// The instance that a path means: by its name, or, as EMQX's users write it, by name-version.
[[nodiscard]] std::optional<plugin_host::InstanceStatus> find_plugin(const NodeAccess& node, const std::string& name);
[[nodiscard]] ApiResponse no_such_plugin(const std::string& name);

/// A refusal of the plugin host: 400 with its sentence and, in `details`, its further lines.
[[nodiscard]] ApiResponse refused(std::string_view code, const plugin_host::Outcome& outcome);
/// {"message": ..., "details": [...]}
[[nodiscard]] Json outcome_json(const plugin_host::Outcome& outcome);
[[nodiscard]] Json outcome_schema();

/// A route of the group, with what all of them share.
[[nodiscard]] Route plugin_route(std::string method, std::string path, Access access, std::string summary);

void add_plugin_life_routes(RouteTable& routes, const NodeAccess& node);
void add_plugin_upload_routes(RouteTable& routes, const NodeAccess& node);
void add_plugin_settings_routes(RouteTable& routes, const NodeAccess& node);
void add_plugin_order_routes(RouteTable& routes, const NodeAccess& node);
/// What plugins serve themselves: /plugins/{name}/api/... and EMQX's /plugin_api/{plugin}/...
void add_plugin_api_routes(RouteTable& routes, const NodeAccess& node);
/// The routes that plugins serve there now, for the document only: they have no handlers.
[[nodiscard]] std::vector<Route> plugin_api_routes(const NodeAccess& node);

}  // namespace patchbay::admin

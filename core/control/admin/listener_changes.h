#pragma once

#include <optional>
#include <string>

#include "admin/api_response.h"
#include "admin/json.h"
#include "admin/node_access.h"
#include "admin/node_commands.h"

/// Changes of listeners, for whoever offers them: /listeners and /gateways. [control]
namespace patchbay::admin {

[[nodiscard]] std::optional<ListenerView> find_listener(const NodeAccess& node, const std::string& id);
/// 404, or 400 where it could be the id of none.
[[nodiscard]] ApiResponse no_such_listener(const std::string& id);
/// The id that a body names: `id`, or `type` and `name`.
[[nodiscard]] std::string listener_id_of(const Json& body);

/// Puts what the body says over the listener, and that in force: 200 with all of it, or 400 and nothing has changed.
[[nodiscard]] ApiResponse put_listener(const NodeAccess& node, ListenerView listener, const Json& body);
/// The same with one that is not there yet.
[[nodiscard]] ApiResponse create_listener(const NodeAccess& node, const std::string& id, const Json& body);
[[nodiscard]] ApiResponse delete_listener(const NodeAccess& node, const std::string& id);

}  // namespace patchbay::admin

#pragma once

#include <string>
#include <vector>

#include "admin/json.h"
#include "admin/node_commands.h"

/// Listeners as JSON, by the table of keys: what the configuration file nests below [listeners.<type>.<name>], this
/// nests too. [any-thread]
namespace patchbay::admin {

/// All of one: {id, type, name, enable, bind, …, running, bound, current_connections}.
[[nodiscard]] Json listener_json(const ListenerView& listener);
/// What lists show: {id, type, name, enable, bind, status{running, max_connections, current_connections}, node_status}.
[[nodiscard]] Json listener_summary(const ListenerView& listener, const std::string& node_name);
/// The three numbers of `status`.
[[nodiscard]] Json listener_status_json(bool running, uint64_t maximum_connections, uint64_t connections);

/// "tcp:default"; false where it is not of that form, or there is no such type.
[[nodiscard]] bool parse_listener_id(const std::string& id, ListenerView& listener);

/// Sets what the body names; members that only answers have are passed over. Returns what is wrong, a line each.
[[nodiscard]] std::vector<std::string> merge_listener(ListenerView& listener, const Json& body);

}  // namespace patchbay::admin

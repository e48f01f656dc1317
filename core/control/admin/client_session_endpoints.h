#pragma once

#include <optional>
#include <string>
#include <vector>

#include "admin/api_response.h"
#include "admin/node_access.h"
#include "admin/route.h"

namespace patchbay::admin {

/// What belongs to one client: its subscriptions, its messages, what access control remembers of it. [control]
void add_client_session_routes(RouteTable& routes, const NodeAccess& node);
/// The messages that wait for a client and those on their way to it. [control]
void add_client_message_routes(RouteTable& routes, const NodeAccess& node);

/// The page of clients that the request asks for; with `protocol_name`, of those that speak it.
[[nodiscard]] ApiResponse list_clients(const NodeAccess& node, const ApiRequest& request,
                                       const std::optional<std::string>& protocol_name);
[[nodiscard]] std::vector<QueryParameter> client_list_parameters();
/// The client that the path names.
[[nodiscard]] ApiResponse show_client(const NodeAccess& node, const ApiRequest& request);
[[nodiscard]] ApiResponse list_subscriptions(const NodeAccess& node, const ApiRequest& request);
/// What the body wants, as wanted_subscription_schema() says; 200 with the subscription.
[[nodiscard]] ApiResponse subscribe_one(const NodeAccess& node, const ApiRequest& request);
[[nodiscard]] Json wanted_subscription_schema();
/// 204, also where it had not subscribed to that.
[[nodiscard]] ApiResponse unsubscribe_one(const NodeAccess& node, const ApiRequest& request,
                                          const std::string& topic_filter);
[[nodiscard]] ApiResponse kick_one_client(const NodeAccess& node, const ApiRequest& request);

/// 503.
[[nodiscard]] ApiResponse shard_did_not_answer();
/// 404 CLIENTID_NOT_FOUND.
[[nodiscard]] ApiResponse no_such_client();

}  // namespace patchbay::admin

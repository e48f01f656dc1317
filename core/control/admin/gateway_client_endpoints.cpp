// /gateways/{name}/clients: the clients of a protocol, and what they have subscribed to.

#include <utility>

#include "admin/client_query.h"
#include "admin/client_session_endpoints.h"
#include "admin/gateway_view.h"
#include "admin/schema.h"
#include "admin/subscription_view.h"

namespace patchbay::admin {

namespace {

/// What is done to a client, if it is one of this gateway.
ApiResponse with_gateway_client(const NodeAccess& node, const ApiRequest& request, const Gateway& gateway,
                                ApiResponse (*act)(const NodeAccess&, const ApiRequest&)) {
  const FoundClient found = find_client(node.shards, request.path_parameter("clientid"));
  if (!found.answered) return shard_did_not_answer();
  if (!found.client || found.client->client->protocol_name() != gateway.protocol.name) return no_such_client();
  return act(node, request);
}

void add_gateway_subscriptions(RouteTable& routes, const NodeAccess& node) {
  const std::string path = "/gateways/{name}/clients/{clientid}/subscriptions";
  Route list = gateway_route("GET", path, Access::read, "What one of its clients has subscribed to.");
  list.responses = {{200, schema::array(subscription_schema(), 10'000'000)}};
  list.handler = [&node](const ApiRequest& request) {
    return with_gateway(node, request, [&](const Gateway& gateway) {
      return with_gateway_client(node, request, gateway, &list_subscriptions);
    });
  };
  routes.add(std::move(list));

  Route subscribe = gateway_route("POST", path, Access::write, "Subscribes one of its clients, in the client's name.");
  subscribe.body_schema = wanted_subscription_schema();
  subscribe.responses = {{201, subscription_schema()}};
  subscribe.handler = [&node](const ApiRequest& request) {
    return with_gateway(node, request, [&](const Gateway& gateway) {
      ApiResponse answer = with_gateway_client(node, request, gateway, &subscribe_one);
      if (answer.status == 200) answer.status = 201;  // as EMQX answers here, and not at /clients
      return answer;
    });
  };
  routes.add(std::move(subscribe));

  Route unsubscribe = gateway_route("DELETE", path + "/{topic}", Access::write, "Ends a subscription of one of them.");
  unsubscribe.responses = {{204, nullptr}};
  unsubscribe.handler = [&node](const ApiRequest& request) {
    return with_gateway(node, request, [&](const Gateway& gateway) {
      return with_gateway_client(node, request, gateway, [](const NodeAccess& of, const ApiRequest& asked) {
        return unsubscribe_one(of, asked, asked.path_parameter("topic"));
      });
    });
  };
  routes.add(std::move(unsubscribe));
}

}  // namespace

void add_gateway_client_routes(RouteTable& routes, const NodeAccess& node) {
  Route list = gateway_route("GET", "/gateways/{name}/clients", Access::read, "The clients that speak it.");
  list.query = client_list_parameters();
  list.responses = {{200, schema::open_object()}};
  list.handler = [&node](const ApiRequest& request) {
    return with_gateway(node, request, [&](const Gateway& gateway) {
      // Where nobody has spoken it, nobody is its client.
      const std::string& name = gateway.protocol.name;
      return list_clients(node, request, name.empty() ? gateway.protocol.id : name);
    });
  };
  routes.add(std::move(list));

  Route one = gateway_route("GET", "/gateways/{name}/clients/{clientid}", Access::read, "One of its clients.");
  one.responses = {{200, client_schema()}};
  one.handler = [&node](const ApiRequest& request) {
    return with_gateway(node, request, [&](const Gateway& gateway) {
      return with_gateway_client(node, request, gateway, &show_client);
    });
  };
  routes.add(std::move(one));

  Route kick = gateway_route("DELETE", "/gateways/{name}/clients/{clientid}", Access::write, "Says goodbye to one.");
  kick.responses = {{204, nullptr}};
  kick.handler = [&node](const ApiRequest& request) {
    return with_gateway(node, request, [&](const Gateway& gateway) {
      return with_gateway_client(node, request, gateway, &kick_one_client);
    });
  };
  routes.add(std::move(kick));
  add_gateway_subscriptions(routes, node);
}

}  // namespace patchbay::admin

#pragma once

#include "admin/node_access.h"
#include "admin/route.h"

/// The groups of endpoints: each adds its routes, whose handlers keep the reference to `node`. Called before the server
/// starts. [control]
namespace patchbay::admin {

void add_client_routes(RouteTable& routes, const NodeAccess& node);
void add_subscription_routes(RouteTable& routes, const NodeAccess& node);  ///< subscriptions and topics
void add_publish_routes(RouteTable& routes, const NodeAccess& node);
void add_retainer_routes(RouteTable& routes, const NodeAccess& node);
void add_delayed_routes(RouteTable& routes, const NodeAccess& node);
void add_listener_routes(RouteTable& routes, const NodeAccess& node);
void add_monitoring_routes(RouteTable& routes, const NodeAccess& node);  ///< stats, metrics, monitor, prometheus
void add_limit_routes(RouteTable& routes, const NodeAccess& node);
void add_topic_metrics_routes(RouteTable& routes, const NodeAccess& node);
void add_slow_subscriptions_routes(RouteTable& routes, const NodeAccess& node);
void add_trace_routes(RouteTable& routes, const NodeAccess& node);
void add_banned_routes(RouteTable& routes, const NodeAccess& node);
void add_alarm_routes(RouteTable& routes, const NodeAccess& node);
void add_config_routes(RouteTable& routes, const NodeAccess& node);  ///< configs, topic_rewrite, auto_subscribe, log
void add_plugin_routes(RouteTable& routes, const NodeAccess& node);
void add_gateway_routes(RouteTable& routes, const NodeAccess& node);  ///< protocols of plugins, as EMQX shows gateways

/// All of the above.
void add_endpoint_routes(RouteTable& routes, const NodeAccess& node);

}  // namespace patchbay::admin

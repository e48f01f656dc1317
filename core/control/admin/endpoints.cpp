#include "admin/endpoints.h"

namespace patchbay::admin {

void add_endpoint_routes(RouteTable& routes, const NodeAccess& node) {
  add_client_routes(routes, node);
  add_subscription_routes(routes, node);
  add_publish_routes(routes, node);
  add_retainer_routes(routes, node);
  add_delayed_routes(routes, node);
  add_listener_routes(routes, node);
  add_monitoring_routes(routes, node);
  add_limit_routes(routes, node);
  add_topic_metrics_routes(routes, node);
  add_slow_subscriptions_routes(routes, node);
  add_trace_routes(routes, node);
  add_banned_routes(routes, node);
  add_alarm_routes(routes, node);
  add_config_routes(routes, node);
  add_plugin_routes(routes, node);
  add_gateway_routes(routes, node);
}

}  // namespace patchbay::admin

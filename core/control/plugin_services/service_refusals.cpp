#include "plugin_services/service_refusals.h"

namespace patchbay::plugin_services {

std::string_view refusal_key(Refusal refusal) {
  switch (refusal) {
    case Refusal::pending_publishes:
      return "plugins.max_pending_publishes";
    case Refusal::publish_depth:
      return "plugins.max_publish_depth";
    case Refusal::subscriptions:
      return "plugins.max_subscriptions";
    case Refusal::pending_queries:
      return "plugins.max_pending_queries";
    case Refusal::timers:
      return "plugins.max_timers";
    case Refusal::pending_work:
      return "plugins.max_pending_work";
    case Refusal::threads:
      return "plugins.max_threads";
    case Refusal::fd_watches:
      return "plugins.max_fd_watches";
    case Refusal::streams:
      return "plugins.max_streams";
    case Refusal::kv_bytes:
      return "plugins.max_kv_bytes";
    case Refusal::metrics:
      return "plugins.max_metrics";
    case Refusal::alarms:
      return "plugins.max_alarms";
    case Refusal::leases:
      return "plugins.max_leases";
    case Refusal::pending_requests:
      return "plugins.max_pending_requests";
    case Refusal::count_:
      break;
  }
  return "";
}

}  // namespace patchbay::plugin_services

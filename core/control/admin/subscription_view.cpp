#include "admin/subscription_view.h"

#include "admin/schema.h"

namespace patchbay::admin {

SubscriptionView view_of(const session::Session& session, const session::Subscription& subscription) {
  return {std::string(session.client_id()), subscription.topic_filter, subscription.options};
}

Json subscription_json(const SubscriptionView& view, std::string_view node_name) {
  return {{"node", node_name},
          {"clientid", view.client_id},
          {"topic", view.topic_filter},
          {"qos", view.options.maximum_qos},
          {"nl", view.options.no_local},
          {"rap", view.options.retain_as_published},
          {"rh", view.options.retain_handling},
          {"durable", false}};
}

Json subscription_schema() {
  return schema::object({{"node", schema::string()},
                         {"clientid", schema::string()},
                         {"topic", schema::string()},
                         {"qos", schema::qos()},
                         {"nl", schema::integer(0, 1)},
                         {"rap", schema::integer(0, 1)},
                         {"rh", schema::integer(0, 2)},
                         {"durable", schema::boolean()}});
}

}  // namespace patchbay::admin

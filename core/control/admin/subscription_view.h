#pragma once

#include <string>
#include <string_view>

#include "admin/json.h"
#include "distribution/delivery.h"
#include "session/session.h"

namespace patchbay::admin {

/// One subscription of one client, as lists show it. A value.
struct SubscriptionView {
  std::string client_id;
  std::string topic_filter;  ///< as the client wrote it
  distribution::SubscriptionOptions options;
};

[[nodiscard]] SubscriptionView view_of(const session::Session& session, const session::Subscription& subscription);
/// {node, clientid, topic, qos, nl, rap, rh, durable}.
[[nodiscard]] Json subscription_json(const SubscriptionView& view, std::string_view node_name);
[[nodiscard]] Json subscription_schema();

}  // namespace patchbay::admin

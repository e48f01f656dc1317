#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "admin/subscription_view.h"
#include "mqtt/reason_code.h"
#include "session/session_environment.h"

/// What operators do to one client, on its home shard. Nothing asks access control: whoever may use the API may do
/// this. [shard]
namespace patchbay::admin {

/// Says goodbye to the client and ends its session. False: there is none.
[[nodiscard]] bool kick_client(session::SessionEnvironment& environment, const std::string& client_id);

struct WantedSubscription {
  std::string topic_filter;
  distribution::SubscriptionOptions options;
};

/// What came of one wish: the subscription as it is now, or why there is none.
struct SubscribedClient {
  bool client_found = false;
  mqtt::ReasonCode reason = mqtt::ReasonCode::success;
  SubscriptionView subscription;
};
/// As a SUBSCRIBE of the client: rewritten, checked, entered, and told to observers; retained messages follow.
[[nodiscard]] SubscribedClient subscribe_client(session::SessionEnvironment& environment, const std::string& client_id,
                                                const WantedSubscription& wanted);
/// False: there is no such client. A filter that it has not subscribed to is no error.
[[nodiscard]] bool unsubscribe_client(session::SessionEnvironment& environment, const std::string& client_id,
                                      const std::string& topic_filter);
/// False: there is no such client, or it is not connected.
[[nodiscard]] bool set_client_keep_alive(session::SessionEnvironment& environment, const std::string& client_id,
                                         uint16_t keep_alive_s);

}  // namespace patchbay::admin

#pragma once

#include <string_view>

#include "mqtt/reason_code.h"
#include "session/session.h"
#include "session/session_environment.h"

namespace patchbay::session {

/// Enters a subscription into the index and the session, and starts the retained messages that belong to it. The filter
/// must have passed validation and access control. Also the way for the control plane to subscribe a client. [shard]
struct SubscribeOutcome {
  mqtt::ReasonCode reason = mqtt::ReasonCode::success;  ///< of a refusal; granted QoS otherwise
  bool is_new = false;
};
[[nodiscard]] SubscribeOutcome add_subscription(SessionEnvironment& environment, Session& session,
                                                Subscription subscription);

/// False when there was no such subscription. [shard]
bool remove_subscription(SessionEnvironment& environment, Session& session, std::string_view topic_filter);

}  // namespace patchbay::session

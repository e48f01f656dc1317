#pragma once

#include <cstddef>

#include "access/client_info.h"
#include "mqtt/application_message.h"
#include "mqtt/reason_code.h"
#include "session/session_environment.h"

namespace patchbay::router {
class KnownRoute;
}

namespace patchbay::session {

struct Published {
  size_t receivers = 0;  ///< sessions that get it; a delayed message counts as one
  mqtt::ReasonCode reason = mqtt::ReasonCode::success;
};

/// Routes a message that has passed all checks, or gives it to the delayed messages when its topic says so; asks
/// retain.store and publish.unrouted, and tells publish.routed. A receiver may keep this very share. `client`: who
/// published it, where there is one; `known`: where its last message went. [shard, not while somebody is delivered to]
Published publish_message(SessionEnvironment& environment, mqtt::MessageRef&& message,
                          const access::ClientInfoRef& client = {}, router::KnownRoute* known = nullptr);

/// publish.unrouted for a message that nobody got: tries it with another topic, once, if somebody names one and its
/// publisher may. Returns how many get it; an answer of access control that comes later counts none. [shard]
size_t retry_unrouted(SessionEnvironment& environment, const mqtt::MessageRef& message,
                      const access::ClientInfoRef& client);

}  // namespace patchbay::session

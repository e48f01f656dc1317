#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "hooks/session_open_events.h"
#include "mqtt/packets/connect.h"
#include "session/session_limits.h"

namespace patchbay::session {

/// The limits of one connection: `limits`, or a copy that says what session.open granted within them. Clients before
/// MQTT 5.0 cannot be told, and keep `limits`. [shard]
[[nodiscard]] std::shared_ptr<const SessionLimits> granted_limits(const hooks::SessionTerms& terms,
                                                                  const mqtt::Connect& connect,
                                                                  const std::shared_ptr<const SessionLimits>& limits);

/// The session expiry interval that session.open granted, cut to the configured maximum; nothing where it said nothing,
/// or must not: the session of a 3.1.1 client with clean session ends with its connection. [shard]
[[nodiscard]] std::optional<uint32_t> granted_session_expiry(const hooks::SessionTerms& terms,
                                                             const mqtt::Connect& connect, const SessionLimits& limits);

}  // namespace patchbay::session

#pragma once

#include <string_view>

#include "access/client_info.h"
#include "hooks/events.h"

namespace patchbay::session {

class Session;

/// What session.created and its siblings tell of `session`. Valid while the session and `reason` are. [shard]
[[nodiscard]] hooks::SessionEvent session_event(const Session& session, const access::ClientInfo* client,
                                                std::string_view reason);

}  // namespace patchbay::session

#include "session/session_observers.h"

#include "session/session.h"

namespace patchbay::session {

hooks::SessionEvent session_event(const Session& session, const access::ClientInfo* client, std::string_view reason) {
  hooks::SessionEvent event;
  event.client = client;
  event.client_id = session.client_id();
  event.reason = reason;
  event.subscriptions = static_cast<uint32_t>(session.subscriptions().size());
  event.queued_messages = static_cast<uint32_t>(session.queued_messages());
  return event;
}

}  // namespace patchbay::session

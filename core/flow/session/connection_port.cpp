#include "session/connection_port.h"

#include <iterator>

namespace patchbay::session {

std::string_view close_reason_name(CloseReason reason) {
  static constexpr std::string_view kNames[] = {
      "normal",         "peer_closed",    "transport_error", "connect_timeout", "keep_alive_timeout",
      "protocol_error", "not_authorized", "taken_over",      "kicked",          "slow_consumer",
      "limit",          "server_shutdown"};
  static_assert(std::size(kNames) == static_cast<size_t>(CloseReason::server_shutdown) + 1);
  return kNames[static_cast<size_t>(reason)];
}

}  // namespace patchbay::session

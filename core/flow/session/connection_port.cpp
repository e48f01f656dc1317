#include "session/connection_port.h"

#include <algorithm>
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

void ConnectionPort::write_at_once(std::span<const std::span<const uint8_t>> pieces) {
  size_t sent = output_.empty() ? send_now(pieces) : 0;
  for (const std::span<const uint8_t> piece : pieces) {
    const size_t part = std::min(sent, piece.size());
    sent -= part;
    if (part != piece.size()) output_.append(*pool_, piece.subspan(part));
  }
  output_added();
}

}  // namespace patchbay::session

#include "session/inbound_inflight.h"

#include <algorithm>

#include "base/assert.h"

namespace patchbay::session {

bool InboundInflight::contains(uint16_t packet_id) const {
  return std::find(packet_ids_.begin(), packet_ids_.end(), packet_id) != packet_ids_.end();
}

void InboundInflight::add(uint16_t packet_id, uint64_t now_ms) {
  PATCHBAY_ASSERT(!contains(packet_id));
  packet_ids_.push_back(packet_id);
  received_ms_.push_back(now_ms);
}

bool InboundInflight::remove(uint16_t packet_id) {
  const auto found = std::find(packet_ids_.begin(), packet_ids_.end(), packet_id);
  if (found == packet_ids_.end()) return false;
  received_ms_.erase(received_ms_.begin() + (found - packet_ids_.begin()));
  packet_ids_.erase(found);
  return true;
}

size_t InboundInflight::expire(uint64_t now_ms, uint64_t timeout_ms) {
  size_t expired = 0;  // entries are in the order of arrival
  while (expired < received_ms_.size() && received_ms_[expired] + timeout_ms <= now_ms) ++expired;
  packet_ids_.erase(packet_ids_.begin(), packet_ids_.begin() + static_cast<std::ptrdiff_t>(expired));
  received_ms_.erase(received_ms_.begin(), received_ms_.begin() + static_cast<std::ptrdiff_t>(expired));
  return expired;
}

}  // namespace patchbay::session

#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace patchbay::session {

/// Packet identifiers of QoS 2 PUBLISH packets that a client sent and has not released: the receiver's half of exactly
/// once. The messages themselves were routed when the PUBLISH came (method B of the standard's figure 4.3), so that
/// only identifiers are kept. Bounded by its user to receive_maximum or maximum_awaiting_rel entries, hence the linear
/// search. [shard]
class InboundInflight {
 public:
  [[nodiscard]] bool contains(uint16_t packet_id) const;
  /// `packet_id` must not be contained.
  void add(uint16_t packet_id, uint64_t now_ms);
  /// False when it was not there.
  bool remove(uint16_t packet_id);
  /// Forgets identifiers older than `timeout_ms`; returns how many.
  size_t expire(uint64_t now_ms, uint64_t timeout_ms);
  [[nodiscard]] size_t size() const { return packet_ids_.size(); }

 private:
  std::vector<uint16_t> packet_ids_;  // apart from the times, so that the search reads few cache lines
  std::vector<uint64_t> received_ms_;
};

}  // namespace patchbay::session

#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "session/outbound_message.h"
#include "session/ring.h"
#include "session/session_limits.h"

namespace patchbay::session {

/// Messages that wait for one client: offline, congested, or without room in the inflight window. Bounded by count and
/// bytes. Higher priorities leave first; within a priority order is kept [MQTT-4.6.0-6]. [shard]
class OutboundQueue {
 public:
  /// What became of a push: the messages that had to go (the pushed one itself, or older ones), counted by the caller.
  struct Dropped {
    std::vector<OutboundMessage> messages;
    size_t bytes = 0;
    void add(OutboundMessage outbound) {
      bytes += outbound.message->memory_size();
      messages.push_back(std::move(outbound));
    }
  };

  /// Whether one more message would pass a limit.
  [[nodiscard]] bool is_full_for(const OutboundMessage& outbound, const SessionLimits& limits) const {
    return size_ + 1 > limits.maximum_queued_messages ||
           bytes_ + outbound.message->memory_size() > limits.maximum_queued_bytes;
  }
  /// Appends, then drops by the policy (the limits' own if none is given) until the limits hold.
  [[nodiscard]] Dropped push(OutboundMessage outbound, const SessionLimits& limits) {
    return push(std::move(outbound), limits, limits.queue_drop_policy);
  }
  [[nodiscard]] Dropped push(OutboundMessage outbound, const SessionLimits& limits, QueueDropPolicy policy);
  [[nodiscard]] std::optional<OutboundMessage> pop();
  /// QoS of the message that pop() gives next; the queue must not be empty.
  [[nodiscard]] mqtt::Qos front_qos();
  /// Calls `visit(const OutboundMessage&, uint16_t priority)` for up to `count` messages from position `from`, in the
  /// order in which they leave.
  template <class Visit>
  void visit(size_t from, size_t count, Visit&& visit) const {
    for (const Lane& lane : lanes_) {
      for (size_t i = std::min(from, lane.messages.size()); i < lane.messages.size() && count > 0; ++i, --count)
        visit(lane.messages[i], lane.priority);
      from -= std::min(from, lane.messages.size());
    }
  }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] size_t size() const { return size_; }
  [[nodiscard]] size_t bytes() const { return bytes_; }

 private:
  struct Lane {
    uint16_t priority;
    Ring<OutboundMessage> messages;
  };

  Lane& lane_for(const mqtt::Message& message, const SessionLimits& limits);
  [[nodiscard]] static uint16_t priority_of(const mqtt::Message& message, const SessionLimits& limits);
  [[nodiscard]] bool over(const SessionLimits& limits) const {
    return size_ > limits.maximum_queued_messages || bytes_ > limits.maximum_queued_bytes;
  }
  void drop_one(Dropped& dropped);

  std::vector<Lane> lanes_;  // highest priority first; nearly always one
  size_t size_ = 0;
  size_t bytes_ = 0;
};

}  // namespace patchbay::session

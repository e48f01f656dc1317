#include "session/outbound_queue.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace patchbay::session {

uint16_t OutboundQueue::priority_of(const mqtt::Message& message, const SessionLimits& limits) {
  for (const TopicPriority& entry : limits.topic_priorities) {
    if (entry.topic == message.topic()) return entry.priority;
  }
  return limits.default_priority_highest ? 256 : 0;
}

OutboundQueue::Lane& OutboundQueue::lane_for(const mqtt::Message& message, const SessionLimits& limits) {
  const uint16_t priority = limits.topic_priorities.empty() ? 0 : priority_of(message, limits);
  const auto place =
      std::find_if(lanes_.begin(), lanes_.end(), [priority](const Lane& lane) { return lane.priority <= priority; });
  if (place != lanes_.end() && place->priority == priority) return *place;
  return *lanes_.insert(place, Lane{priority, {}});
}

void OutboundQueue::drop_one(Dropped& dropped) {
  for (auto lane = lanes_.rbegin(); lane != lanes_.rend(); ++lane) {  // the lowest priority gives way first
    if (lane->messages.empty()) continue;
    OutboundMessage outbound = lane->messages.pop_front();
    --size_;
    bytes_ -= outbound.message->memory_size();
    return dropped.add(std::move(outbound));
  }
}

OutboundQueue::Dropped OutboundQueue::push(OutboundMessage outbound, const SessionLimits& limits,
                                           QueueDropPolicy policy) {
  Dropped dropped;
  const size_t bytes = outbound.message->memory_size();
  if (is_full_for(outbound, limits) && (policy == QueueDropPolicy::newest || bytes > limits.maximum_queued_bytes)) {
    dropped.add(std::move(outbound));
    return dropped;
  }
  Lane& lane = lane_for(*outbound.message, limits);
  lane.messages.push_back(std::move(outbound));
  ++size_;
  bytes_ += bytes;
  while (over(limits)) drop_one(dropped);
  return dropped;
}

mqtt::Qos OutboundQueue::front_qos() {
  for (Lane& lane : lanes_) {
    if (!lane.messages.empty()) return lane.messages.front().qos;
  }
  PATCHBAY_ASSERT(!"front_qos of an empty queue");
}

std::optional<OutboundMessage> OutboundQueue::pop() {
  for (Lane& lane : lanes_) {
    if (lane.messages.empty()) continue;
    OutboundMessage outbound = lane.messages.pop_front();
    --size_;
    bytes_ -= outbound.message->memory_size();
    return outbound;
  }
  return std::nullopt;
}

}  // namespace patchbay::session

#pragma once

#include <span>

#include "distribution/delivery.h"
#include "mqtt/application_message.h"
#include "mqtt/passing_message.h"

namespace patchbay::distribution {

/// Role: the sessions of one shard as receivers. Implemented by session/session_subscriber; tests have a recording
/// twin. [owner shard]
class Subscribers {
 public:
  virtual ~Subscribers() = default;
  /// Hands `message` to each session named; the last one may keep this very share of it. Every delivery's subscriber
  /// lives (or lived) on this shard. Must not route messages itself.
  virtual void deliver(mqtt::MessageRef&& message, std::span<const Delivery> deliveries) = 0;
  /// Hands a message that passes to the one session named, where that sends it at once. False: nothing has happened,
  /// and deliver() is the way.
  [[nodiscard]] virtual bool pass(const mqtt::PassingMessage& message, const Delivery& delivery) = 0;
};

}  // namespace patchbay::distribution

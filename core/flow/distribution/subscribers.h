#pragma once

#include <span>

#include "distribution/delivery.h"
#include "mqtt/application_message.h"

namespace patchbay::distribution {

/// Role: the sessions of one shard as receivers. Implemented by session/session_subscriber; tests have a recording
/// twin. [owner shard]
class Subscribers {
 public:
  virtual ~Subscribers() = default;
  /// Hands `message` to each session named; the last one may keep this very share of it. Every delivery's subscriber
  /// lives (or lived) on this shard. Must not route messages itself.
  virtual void deliver(mqtt::MessageRef&& message, std::span<const Delivery> deliveries) = 0;
};

}  // namespace patchbay::distribution

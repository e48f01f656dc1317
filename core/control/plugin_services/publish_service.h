#pragma once

#include <cstdint>

#include "mqtt/application_message.h"
#include "patchbay/publish.h"
#include "plugin_services/service_account.h"
#include "plugin_services/service_shards.h"

namespace patchbay::plugin_services {

/// Says that this thread is in a delivery of a message while the object lives: what a plugin publishes from there is
/// one deeper than that message, so that plugins which answer each other come to an end.
class DeliveryDepth {
 public:
  explicit DeliveryDepth(uint16_t depth) : before_(current_) { current_ = depth; }
  ~DeliveryDepth() { current_ = before_; }
  DeliveryDepth(const DeliveryDepth&) = delete;
  DeliveryDepth& operator=(const DeliveryDepth&) = delete;

  [[nodiscard]] static uint16_t current() { return current_; }

 private:
  static inline thread_local uint16_t current_ = 0;
  uint16_t before_;
};

/// patchbay.publish/1 for one instance. On a shard a message is routed there at the end of the turn; what is published
/// elsewhere goes to one shard, always the same, so that its order is kept.
class PublishService {
 public:
  PublishService(ServiceAccount& account, const ServiceShards& shards);

  /// BUSY: too many wait, or plugins answer each other too deeply; both are counted. Beyond the shard's own bounds a
  /// message that was handed over from elsewhere is dropped, which is counted as a refusal, too. [any-thread]
  patchbay_status publish(const mqtt::MessageRef& message);

  /// Handed over and not routed yet.
  [[nodiscard]] uint32_t pending() const { return quota_.used(); }

 private:
  patchbay_status publish_here(const mqtt::Message& message, uint16_t depth);

  ServiceAccount& account_;
  const ServiceShards& shards_;
  Quota quota_;
};

}  // namespace patchbay::plugin_services

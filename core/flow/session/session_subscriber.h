#pragma once

#include <span>
#include <vector>

#include "distribution/subscribers.h"
#include "session/publish_images.h"
#include "session/session_registry.h"

namespace patchbay::session {

/// The sessions of one shard as receivers of what the router distributes. [shard]
class SessionSubscriber final : public distribution::Subscribers {
 public:
  explicit SessionSubscriber(SessionEnvironment& environment) : environment_(environment) {}

  void deliver(mqtt::MessageRef&& message, std::span<const distribution::Delivery> deliveries) override;
  [[nodiscard]] bool pass(const mqtt::PassingMessage& message, const distribution::Delivery& delivery) override {
    Session* const session = environment_.registry->find(delivery.subscriber);
    return session != nullptr && session->pass(message, delivery);
  }

 private:
  /// No session has that handle (any more): a plugin's subscription, or one that has ended.
  void session_gone(const mqtt::MessageRef& message, const distribution::Delivery& delivery);

  SessionEnvironment& environment_;
  PublishImages images_;
};

}  // namespace patchbay::session

#include "session/session_subscriber.h"

#include "distribution/fan_out.h"
#include "hooks/dispatch.h"
#include "hooks/hook_points.h"
#include "router/publish_router.h"
#include "session/plugin_subscriptions.h"

namespace patchbay::session {

using base::Counter;

namespace {

void drop_gone(const SessionEnvironment& environment, const mqtt::MessageRef& message, mqtt::Qos qos) {
  environment.shard.count(Counter::messages_dropped_session_gone);
  environment.shard.count(Counter::messages_dropped);
  if (environment.hooks.deliver_dropped.empty()) return;
  hooks::observe(environment.hooks.deliver_dropped, {nullptr, {}, message.get(), qos, "session_gone"});
}

}  // namespace

void SessionSubscriber::deliver(mqtt::MessageRef&& message, std::span<const distribution::Delivery> deliveries) {
  PublishImages* images = nullptr;
  if (deliveries.size() > 1) {
    images_.begin();
    images = &images_;
  }
  for (size_t i = 0; i < deliveries.size();) {
    size_t end = i + 1;
    while (end < deliveries.size() && deliveries[end].continuation) ++end;
    Session* session = environment_.registry->find(deliveries[i].subscriber);
    if (session != nullptr) {
      session->deliver(end == deliveries.size() ? std::move(message) : message, deliveries[i],
                       deliveries.subspan(i + 1, end - i - 1), images);
    } else {
      session_gone(message, deliveries[i]);
    }
    i = end;
  }
}

void SessionSubscriber::session_gone(const mqtt::MessageRef& message, const distribution::Delivery& delivery) {
  if (delivery.subscriber.is_internal() && environment_.plugin_subscriptions->deliver(message, delivery)) return;
  // The session ended between the look-up on the publisher's shard and now. For a plain subscription nothing is lost:
  // it did not exist any more when the message came. A shared one still has its other members; they are asked in a mail
  // of its own, since nobody routes while he is delivered to.
  const mqtt::Qos qos = mqtt::lower_qos(message->qos(), static_cast<mqtt::Qos>(delivery.options.maximum_qos));
  if (!delivery.shared) return drop_gone(environment_, message, qos);
  environment_.fan_out.post(environment_.shard.id,
                            base::make_task([&environment = environment_, message, qos, group = delivery.shared_group,
                                             gone = delivery.subscriber] {
                              if (!environment.router.redispatch(message, group, {&gone, 1}))
                                drop_gone(environment, message, qos);
                            }));
}

}  // namespace patchbay::session

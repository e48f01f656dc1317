#include "router/publish_router.h"

#include <array>
#include <utility>

#include "router/shared_group.h"

namespace patchbay::router {

PublishRouter::PublishRouter(const RouterLimits& limits, const base::ShardServices& services, SubscriptionIndex& index,
                             const distribution::Presence& presence, RetainedStore& retained,
                             distribution::FanOut& fan_out)
    : limits_(limits),
      services_(services),
      index_(index),
      retained_(retained),
      fan_out_(fan_out),
      choice_(limits, services, presence) {}

/// Names the receivers of `message` to the fan-out.
void PublishRouter::look_up(const mqtt::Message& message, KnownRoute* known) {
  const uint64_t generation = index_.generation();
  index_.find(message.topic(), matches_);
  std::array<distribution::Delivery, KnownRoute::kMaximumDeliveries> first;
  size_t count = 0;
  matches_.for_each([this, &first, &count](const distribution::Delivery& delivery) {
    if (count < first.size()) first[count] = delivery;
    ++count;
    fan_out_.add(delivery);
  });
  for (SharedGroup* const group : matches_.groups()) {
    distribution::Delivery delivery;
    if (choice_.choose(*group, message, {}, delivery)) fan_out_.add(delivery);
  }
  if (known != nullptr && matches_.groups().empty() && KnownRoute::can_keep(message.topic(), count))
    known->keep(message.topic(), generation, {first.data(), count});
}

RouteResult PublishRouter::route(mqtt::MessageRef&& message, bool keep, KnownRoute* known) {
  if (message->retain() && limits_.retain_available) {
    if (keep) retained_.set(message);
    if (limits_.stop_publish_clear && message->payload().empty()) return {1};  // it has done what it was sent for
  }
  if (known != nullptr && known->is_for(message->topic(), index_.generation())) {
    for (const distribution::Delivery& delivery : known->deliveries()) fan_out_.add(delivery);
  } else {
    look_up(*message, known);
  }
  const size_t receivers = fan_out_.send(std::move(message));
  if (receivers == 0 && !message->has_flag(mqtt::MessageFlags::system)) {
    services_.count(base::Counter::messages_dropped_no_subscribers);
    services_.count(base::Counter::messages_dropped);
  }
  return {receivers};
}

bool PublishRouter::redispatch(const mqtt::MessageRef& message, uint16_t shared_group,
                               std::span<const distribution::SubscriberHandle> failed) {
  index_.find(message->topic(), matches_);
  for (SharedGroup* const group : matches_.groups()) {
    if (group->tag() != shared_group) continue;
    distribution::Delivery delivery;
    if (!choice_.choose(*group, *message, failed, delivery)) return false;
    fan_out_.add(delivery);
    fan_out_.send(mqtt::MessageRef(message));
    return true;
  }
  return false;
}

}  // namespace patchbay::router

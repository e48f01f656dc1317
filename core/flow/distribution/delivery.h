#pragma once

#include <cstdint>

#include "distribution/subscriber_handle.h"
#include "mqtt/qos.h"

namespace patchbay::distribution {

/// Options of one subscription, packed, as the subscription index keeps them and as a delivery carries them.
struct SubscriptionOptions {
  uint8_t maximum_qos : 2 = 0;
  uint8_t no_local : 1 = 0;
  uint8_t retain_as_published : 1 = 0;
  uint8_t retain_handling : 2 = 0;
  friend bool operator==(const SubscriptionOptions&, const SubscriptionOptions&) = default;
};

/// One message for one session. Sixteen bytes, copied freely.
///
/// A session whose several subscriptions match one message gets one Delivery with the greatest QoS [MQTT-3.3.4-2],
/// followed directly by entries for the same subscriber with `continuation` set, which only add their subscription
/// identifier [MQTT-3.3.4-4].
struct Delivery {
  SubscriberHandle subscriber;
  uint32_t subscription_identifier = 0;  ///< 0: the subscription has none
  SubscriptionOptions options;
  uint8_t from_retained : 1 = 0;  ///< a retained message sent because of a new subscription: RETAIN is set
  uint8_t shared : 1 = 0;         ///< chosen member of a shared subscription
  uint8_t continuation : 1 = 0;
  uint16_t shared_group = 0;  ///< SharedGroup::tag() of that subscription, so that another member can be found; 0: none
};
static_assert(sizeof(Delivery) == 16);

}  // namespace patchbay::distribution

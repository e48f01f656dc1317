#pragma once

#include <cstdint>
#include <span>

#include "mqtt/packets/subscription_list.h"
#include "mqtt/properties.h"
#include "mqtt/reason_code.h"

namespace patchbay::mqtt {

/// SUBSCRIBE, section 3.8. The subscription identifier is in the properties.
struct Subscribe {
  uint16_t packet_id = 0;
  SubscriptionList subscriptions;
  Properties properties;
};

/// SUBACK, section 3.9: one reason code per filter, in order. Before 5.0 every failure is 0x80.
struct Suback {
  uint16_t packet_id = 0;
  std::span<const uint8_t> reason_codes;  // Values of ReasonCode.
  Properties properties;
};

}  // namespace patchbay::mqtt

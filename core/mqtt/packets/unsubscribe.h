#pragma once

#include <cstdint>
#include <span>

#include "mqtt/packets/subscription_list.h"
#include "mqtt/properties.h"
#include "mqtt/reason_code.h"

namespace patchbay::mqtt {

/// UNSUBSCRIBE, section 3.10.
struct Unsubscribe {
  uint16_t packet_id = 0;
  TopicFilterList topic_filters;
  Properties properties;
};

/// UNSUBACK, section 3.11: one reason code per filter, in order; none before 5.0.
struct Unsuback {
  uint16_t packet_id = 0;
  std::span<const uint8_t> reason_codes;  // Values of ReasonCode.
  Properties properties;
};

}  // namespace patchbay::mqtt

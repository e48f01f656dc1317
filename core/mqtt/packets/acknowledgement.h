#pragma once

#include <cstdint>
#include <string_view>

#include "mqtt/packet_type.h"
#include "mqtt/properties.h"
#include "mqtt/reason_code.h"

namespace patchbay::mqtt {

/// PUBACK, PUBREC, PUBREL and PUBCOMP, sections 3.4 to 3.7: four packets of one form.
struct Acknowledgement {
  PacketType type = PacketType::puback;
  ReasonCode reason_code = ReasonCode::success;  // MQTT 5.0 only.
  uint16_t packet_id = 0;
  bool has_reason_string = false;
  uint32_t user_property_count = 0;
  std::string_view reason_string;
  PropertyBlock block;  // User properties are read from here.
};

}  // namespace patchbay::mqtt

#pragma once

#include "mqtt/properties.h"
#include "mqtt/reason_code.h"

namespace patchbay::mqtt {

/// CONNACK, section 3.2. Before 5.0 the reason code travels as one of the return codes 0 to 5.
struct Connack {
  bool session_present = false;
  ReasonCode reason_code = ReasonCode::success;
  Properties properties;
};

}  // namespace patchbay::mqtt

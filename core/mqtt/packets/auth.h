#pragma once

#include "mqtt/properties.h"
#include "mqtt/reason_code.h"

namespace patchbay::mqtt {

/// AUTH, section 3.15; 5.0 only.
struct Auth {
  ReasonCode reason_code = ReasonCode::success;
  Properties properties;
};

}  // namespace patchbay::mqtt

#pragma once

#include "mqtt/properties.h"
#include "mqtt/reason_code.h"

namespace patchbay::mqtt {

/// DISCONNECT, section 3.14. Before 5.0 only clients send it, without reason code.
struct Disconnect {
  ReasonCode reason_code = ReasonCode::success;  // Success means normal disconnection.
  Properties properties;
};

}  // namespace patchbay::mqtt

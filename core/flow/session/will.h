#pragma once

#include <cstdint>

#include "access/client_info.h"
#include "mqtt/application_message.h"

namespace patchbay::session {

/// What a client left to be published when it goes without saying so.
struct Will {
  mqtt::MessageRef message;      ///< null: no will
  access::ClientInfoRef client;  ///< in whose name access is asked
  uint32_t delay_interval_s = 0;
};

}  // namespace patchbay::session

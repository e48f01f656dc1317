#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "mqtt/properties.h"
#include "mqtt/protocol_version.h"
#include "mqtt/qos.h"

namespace patchbay::mqtt {

/// The message that the server publishes for a client that goes without DISCONNECT.
struct Will {
  std::string_view topic;
  std::span<const uint8_t> payload;
  Qos qos = Qos::at_most_once;
  bool retain = false;
  Properties properties;
};

/// CONNECT, section 3.1. A view into the receive buffer.
struct Connect {
  ProtocolVersion version = ProtocolVersion::v5;
  bool is_bridge = false;    // Bit 7 of the protocol level, a habit of 3.1 and 3.1.1 bridges.
  bool clean_start = false;  // "Clean session" before 5.0.
  bool has_will = false;
  bool has_user_name = false;
  bool has_password = false;
  uint16_t keep_alive_s = 0;
  std::string_view client_id;
  std::string_view user_name;
  std::string_view password;  // Binary.
  Properties properties;
  Will will;
};

}  // namespace patchbay::mqtt

#pragma once

#include <cstdint>

namespace patchbay::mqtt {

/// The value is the protocol level byte of CONNECT.
enum class ProtocolVersion : uint8_t {
  v3_1 = 3,    // Protocol name "MQIsdp".
  v3_1_1 = 4,  // Protocol name "MQTT".
  v5 = 5,      // Protocol name "MQTT".
};

/// Who sent a packet: some rules hold in one direction only.
enum class Sender : uint8_t { client, server };

}  // namespace patchbay::mqtt

#pragma once

#include <cstdint>

#include "base/result.h"
#include "mqtt/reason_code.h"

namespace patchbay::mqtt {

/// Why a packet was refused: the reason code for DISCONNECT or CONNACK, the clause it breaks (numbering of MQTT 5.0;
/// "MQTT3-" marks one that only 3.1.1 has; without a last number it names a section), and where in the packet's body.
struct DecodeError {
  ReasonCode reason = ReasonCode::malformed_packet;
  const char* clause = "";
  uint32_t offset = 0;
};

template <class Packet>
using Decoded = base::Result<Packet, DecodeError>;

}  // namespace patchbay::mqtt

#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace patchbay::mqtt {

/// A message on its way to its only receiver, as it lies in the packet that brought it: QoS 0, not retained, without
/// properties. Nobody keeps it, so it needs no block of its own (Message); valid during the call that it is given to.
struct PassingMessage {
  std::string_view topic;
  std::span<const uint8_t> payload;
  std::span<const uint8_t> packet;  ///< all of the PUBLISH
  bool is_v5 = false;               ///< the packet is one of MQTT 5; else of 3.1 or 3.1.1, where they are the same
};

}  // namespace patchbay::mqtt

#pragma once

#include <cstdint>

namespace patchbay::topic {

/// How long and how deep a topic name or filter may be. The standard's own limit is 65535 bytes [MQTT-4.7.3-3].
struct TopicLimits {
  uint32_t maximum_bytes = 1024;
  uint32_t maximum_levels = 64;
};

}  // namespace patchbay::topic

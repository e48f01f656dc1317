#pragma once

#include <cstdint>
#include <span>

#include "mqtt/property_table.h"

namespace patchbay::mqtt {

/// One property as it stands in a block: identifier byte and value.
struct RawProperty {
  const PropertyRow* row = nullptr;
  std::span<const uint8_t> encoded;

  std::span<const uint8_t> value() const { return encoded.subspan(1); }
};

/// Takes the first property off a checked block; false at its end. A block that was not checked asserts. [any-thread]
bool next_raw_property(std::span<const uint8_t>& rest, RawProperty& property);

/// Whether the property travels unchanged from publisher to subscriber.
constexpr bool is_forwardable(PropertyId id) {
  switch (id) {
    case PropertyId::payload_format_indicator:  // [MQTT-3.3.2-4]
    case PropertyId::content_type:              // [MQTT-3.3.2-20]
    case PropertyId::response_topic:            // [MQTT-3.3.2-15]
    case PropertyId::correlation_data:          // [MQTT-3.3.2-16]
    case PropertyId::user_property:             // [MQTT-3.3.2-17]
      return true;
    default:
      return false;
  }
}

}  // namespace patchbay::mqtt

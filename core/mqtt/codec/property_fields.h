#pragma once

#include <cstdint>
#include <string_view>

#include "mqtt/properties.h"
#include "mqtt/property_id.h"

namespace patchbay::mqtt {

/// Where Properties keeps the value of an identifier: one of the two is set, none for user properties.
struct PropertyField {
  uint32_t Properties::*number = nullptr;
  std::string_view Properties::*text = nullptr;
};

/// The identifier must be one of the 27. [any-thread]
PropertyField property_field(PropertyId id);

}  // namespace patchbay::mqtt

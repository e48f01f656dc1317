#pragma once

#include <cstdint>
#include <span>

#include "mqtt/packet_type.h"
#include "mqtt/property_id.h"

namespace patchbay::mqtt {

enum class PropertyType : uint8_t {
  byte,
  two_byte_integer,
  four_byte_integer,
  variable_byte_integer,
  utf8_string,
  utf8_string_pair,
  binary_data,
};

/// One row of the table in section 2.2.2.2, with the range that the property's own section gives.
struct PropertyRow {
  PropertyId id;
  PropertyType type;
  PacketSet packets;
  PacketSet may_repeat_in;  // In any other packet a second one is a protocol error.
  uint32_t minimum;         // Of integers; a smaller or larger value is a protocol error.
  uint32_t maximum;
  const char* name;    // snake_case, with the unit where there is one: "session_expiry_interval_s".
  const char* clause;  // Where the property's rules are written, without the packet's own section.
};

/// All 27 rows, by rising identifier. [any-thread]
std::span<const PropertyRow> property_table();

/// The row of an identifier; nullptr where the byte is no property identifier.
const PropertyRow* find_property(uint8_t id);

}  // namespace patchbay::mqtt

#include "mqtt/codec/raw_property.h"

#include "base/assert.h"
#include "mqtt/codec/variable_byte_integer.h"

namespace patchbay::mqtt {
namespace {

size_t prefixed_size(std::span<const uint8_t> bytes) {
  PATCHBAY_ASSERT(bytes.size() >= 2);
  return 2 + static_cast<size_t>(bytes[0] << 8 | bytes[1]);
}

size_t value_size(PropertyType type, std::span<const uint8_t> value) {
  switch (type) {
    case PropertyType::byte:
      return 1;
    case PropertyType::two_byte_integer:
      return 2;
    case PropertyType::four_byte_integer:
      return 4;
    case PropertyType::variable_byte_integer:
      return read_variable_byte_integer(value).size;
    case PropertyType::utf8_string:
    case PropertyType::binary_data:
      return prefixed_size(value);
    case PropertyType::utf8_string_pair: {
      const size_t name_size = prefixed_size(value);
      PATCHBAY_ASSERT(name_size <= value.size());
      return name_size + prefixed_size(value.subspan(name_size));
    }
  }
  return value.size();
}

}  // namespace

bool next_raw_property(std::span<const uint8_t>& rest, RawProperty& property) {
  if (rest.empty()) return false;
  property.row = find_property(rest[0]);
  PATCHBAY_ASSERT(property.row != nullptr);
  const size_t size = 1 + value_size(property.row->type, rest.subspan(1));
  PATCHBAY_ASSERT(size <= rest.size());
  property.encoded = rest.first(size);
  rest = rest.subspan(size);
  return true;
}

}  // namespace patchbay::mqtt

#include "mqtt/properties.h"

#include <cstring>

#include "base/assert.h"
#include "base/byte_reader.h"
#include "mqtt/codec/property_fields.h"
#include "mqtt/codec/raw_property.h"
#include "mqtt/codec/variable_byte_integer.h"

namespace patchbay::mqtt {
namespace {

constexpr uint64_t present_bit(PropertyId id) {
  return uint64_t{1} << static_cast<uint8_t>(id);
}

bool next_of(PropertyBlock& rest, PropertyId id, RawProperty& property) {
  while (next_raw_property(rest, property)) {
    if (property.row->id == id) return true;
  }
  return false;
}

}  // namespace

bool UserPropertyReader::next(UserProperty& property) {
  RawProperty raw;
  if (!next_of(rest_, PropertyId::user_property, raw)) return false;
  base::ByteReader reader(raw.value());
  return reader.read_prefixed(property.name) && reader.read_prefixed(property.value);
}

bool SubscriptionIdentifierReader::next(uint32_t& subscription_identifier) {
  RawProperty raw;
  if (!next_of(rest_, PropertyId::subscription_identifier, raw)) return false;
  subscription_identifier = read_variable_byte_integer(raw.value()).value;
  return true;
}

void copy_forwardable_properties(const ForwardableProperties& properties, std::span<uint8_t> out) {
  PATCHBAY_ASSERT(out.size() >= properties.size);
  if (properties.size == 0) return;
  if (properties.size == properties.block.size()) {
    std::memcpy(out.data(), properties.block.data(), properties.size);
    return;
  }
  PropertyBlock rest = properties.block;
  RawProperty property;
  size_t written = 0;
  while (next_raw_property(rest, property)) {
    if (!is_forwardable(property.row->id)) continue;
    PATCHBAY_ASSERT(written + property.encoded.size() <= properties.size);
    std::memcpy(out.data() + written, property.encoded.data(), property.encoded.size());
    written += property.encoded.size();
  }
  PATCHBAY_ASSERT(written == properties.size);
}

void Properties::set(PropertyId id, uint32_t value) {
  const PropertyField field = property_field(id);
  PATCHBAY_ASSERT(field.number != nullptr);
  this->*field.number = value;
  present |= present_bit(id);
}

void Properties::set(PropertyId id, std::string_view text) {
  const PropertyField field = property_field(id);
  PATCHBAY_ASSERT(field.text != nullptr);
  this->*field.text = text;
  present |= present_bit(id);
}

void Properties::set_user_properties(PropertyBlock user_properties, uint32_t count) {
  block = user_properties;
  user_property_count = count;
  forwardable_size = static_cast<uint32_t>(user_properties.size());
  present =
      count == 0 ? present & ~present_bit(PropertyId::user_property) : present | present_bit(PropertyId::user_property);
}

}  // namespace patchbay::mqtt

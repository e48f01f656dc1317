#include <bit>

#include "base/assert.h"
#include "mqtt/codec/property_codec.h"
#include "mqtt/codec/variable_byte_integer.h"
#include "mqtt/properties.h"
#include "mqtt/property_table.h"

namespace patchbay::mqtt {
namespace {

uint32_t number_size(PropertyType type, uint32_t value) {
  switch (type) {
    case PropertyType::byte:
      return 1;
    case PropertyType::two_byte_integer:
      return 2;
    case PropertyType::four_byte_integer:
      return 4;
    default:
      return variable_byte_integer_size(value);
  }
}

void put_number(base::ByteWriter& writer, PropertyType type, uint32_t value) {
  switch (type) {
    case PropertyType::byte:
      return writer.put_u8(static_cast<uint8_t>(value));
    case PropertyType::two_byte_integer:
      return writer.put_u16(static_cast<uint16_t>(value));
    case PropertyType::four_byte_integer:
      return writer.put_u32(value);
    default:
      return put_variable_byte_integer(writer, value);
  }
}

// Calls `visit` for each property that is present and that the packet may carry, by rising identifier.
template <class Visit>
void for_each_present(const Properties& properties, PacketSet packet, Visit visit) {
  for (uint64_t left = properties.present; left != 0; left &= left - 1) {
    const PropertyRow* row = find_property(static_cast<uint8_t>(std::countr_zero(left)));
    if (row != nullptr && (row->packets & packet) != 0) visit(*row);
  }
}

}  // namespace

uint32_t encoded_user_properties_size(PropertyBlock block) {
  uint32_t size = 0;
  UserProperty property;
  for (UserPropertyReader reader(block); reader.next(property);) {
    size += static_cast<uint32_t>(5 + property.name.size() + property.value.size());
  }
  return size;
}

void encode_user_properties(PropertyBlock block, base::ByteWriter& writer) {
  UserProperty property;
  for (UserPropertyReader reader(block); reader.next(property);) {
    writer.put_u8(static_cast<uint8_t>(PropertyId::user_property));
    writer.put_prefixed(property.name);
    writer.put_prefixed(property.value);
  }
}

uint32_t encoded_properties_size(const Properties& properties, PacketSet packet) {
  uint32_t size = 0;
  for_each_present(properties, packet, [&](const PropertyRow& row) {
    if (row.id == PropertyId::user_property) {
      size += encoded_user_properties_size(properties.block);
      return;
    }
    const PropertyField field = property_field(row.id);
    if (field.text != nullptr) {
      size += static_cast<uint32_t>(3 + (properties.*field.text).size());
    } else {
      size += 1 + number_size(row.type, properties.*field.number);
    }
  });
  return size;
}

void encode_properties(const Properties& properties, PacketSet packet, uint32_t block_size, base::ByteWriter& writer) {
  put_variable_byte_integer(writer, block_size);
  for_each_present(properties, packet, [&](const PropertyRow& row) {
    if (row.id == PropertyId::user_property) return encode_user_properties(properties.block, writer);
    const PropertyField field = property_field(row.id);
    writer.put_u8(static_cast<uint8_t>(row.id));
    if (field.text != nullptr) return writer.put_prefixed(properties.*field.text);
    put_number(writer, row.type, properties.*field.number);
  });
}

void append_user_property(std::vector<uint8_t>& block, std::string_view name, std::string_view value) {
  const size_t old_size = block.size();
  block.resize(old_size + 5 + name.size() + value.size());
  base::ByteWriter writer(std::span<uint8_t>(block).subspan(old_size));
  writer.put_u8(static_cast<uint8_t>(PropertyId::user_property));
  writer.put_prefixed(name);
  writer.put_prefixed(value);
}

void append_property(std::vector<uint8_t>& block, PropertyId id, uint32_t value) {
  const PropertyRow* row = find_property(static_cast<uint8_t>(id));
  PATCHBAY_ASSERT(row != nullptr && property_field(id).number != nullptr);
  const size_t old_size = block.size();
  block.resize(old_size + 1 + number_size(row->type, value));
  base::ByteWriter writer(std::span<uint8_t>(block).subspan(old_size));
  writer.put_u8(static_cast<uint8_t>(id));
  put_number(writer, row->type, value);
}

void append_property(std::vector<uint8_t>& block, PropertyId id, std::string_view text) {
  PATCHBAY_ASSERT(property_field(id).text != nullptr);
  const size_t old_size = block.size();
  block.resize(old_size + 3 + text.size());
  base::ByteWriter writer(std::span<uint8_t>(block).subspan(old_size));
  writer.put_u8(static_cast<uint8_t>(id));
  writer.put_prefixed(text);
}

}  // namespace patchbay::mqtt

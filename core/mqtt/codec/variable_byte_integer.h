#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/byte_reader.h"
#include "base/byte_writer.h"

namespace patchbay::mqtt {

/// The variable byte integer of section 1.5.5: seven bits a byte, least significant first, at most four bytes.
constexpr uint32_t kVariableByteIntegerMaximum = 268'435'455;

constexpr uint32_t variable_byte_integer_size(uint32_t value) {
  return value < 128 ? 1 : value < 16'384 ? 2 : value < 2'097'152 ? 3 : 4;
}

/// What reading one found: the bytes it took (1 to 4), or why it did not work.
struct VariableByteInteger {
  static constexpr uint8_t cut_off = 0;       // More bytes are needed.
  static constexpr uint8_t malformed = 0xFF;  // A fifth byte, or more bytes than the value needs. [MQTT-1.5.5-1]

  uint32_t value = 0;
  uint8_t size = cut_off;
};

/// Reads the integer at the front of the bytes. [any-thread]
constexpr VariableByteInteger read_variable_byte_integer(std::span<const uint8_t> bytes) {
  if (bytes.empty()) return {};
  if (bytes[0] < 0x80) return {bytes[0], 1};
  uint32_t value = bytes[0] & 0x7Fu;
  for (uint8_t index = 1; index < 4; ++index) {
    if (index >= bytes.size()) return {};
    value |= uint32_t{bytes[index] & 0x7Fu} << (7 * index);
    if (bytes[index] == 0) return {0, VariableByteInteger::malformed};  // [MQTT-1.5.5-1] minimal form
    if (bytes[index] < 0x80) return {value, static_cast<uint8_t>(index + 1)};
  }
  return {0, VariableByteInteger::malformed};
}

/// The value must not exceed kVariableByteIntegerMaximum.
inline void put_variable_byte_integer(base::ByteWriter& writer, uint32_t value) {
  PATCHBAY_ASSERT(value <= kVariableByteIntegerMaximum);
  while (value >= 0x80) {
    writer.put_u8(static_cast<uint8_t>(value | 0x80));
    value >>= 7;
  }
  writer.put_u8(static_cast<uint8_t>(value));
}

}  // namespace patchbay::mqtt

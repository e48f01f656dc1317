#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include "wire/support/tcp_socket.h"

/// The data representations of MQTT 5.0, section 1.5, as the test clients write and read them. What is too short
/// throws.
namespace patchbay::wire {

inline Bytes two_bytes(uint32_t number) {
  return {static_cast<char>(number >> 8), static_cast<char>(number)};
}

/// Text or binary data with its two bytes of length.
inline Bytes field(std::string_view text) {
  return two_bytes(static_cast<uint32_t>(text.size())) + Bytes(text);
}

inline Bytes variable_byte_integer(size_t number) {
  Bytes bytes;
  do {
    bytes += static_cast<char>((number & 0x7F) | (number > 0x7F ? 0x80 : 0));
    number >>= 7;
  } while (number > 0);
  return bytes;
}

inline std::string_view take_bytes(std::string_view& bytes, size_t size) {
  if (bytes.size() < size) throw std::runtime_error("the broker sent a packet that is too short for its fields");
  const std::string_view taken = bytes.substr(0, size);
  bytes.remove_prefix(size);
  return taken;
}

inline uint32_t take_number(std::string_view& bytes, size_t size) {
  uint32_t number = 0;
  for (const char byte : take_bytes(bytes, size)) number = number << 8 | static_cast<uint8_t>(byte);
  return number;
}

inline std::string take_field(std::string_view& bytes) {
  const size_t size = take_number(bytes, 2);
  return std::string(take_bytes(bytes, size));
}

inline size_t take_variable_byte_integer(std::string_view& bytes) {
  size_t number = 0;
  for (unsigned shift = 0; shift < 28; shift += 7) {
    const uint32_t byte = take_number(bytes, 1);
    number |= size_t{byte & 0x7F} << shift;
    if (byte < 0x80) return number;
  }
  throw std::runtime_error("the broker sent a variable byte integer of more than four bytes");
}

}  // namespace patchbay::wire

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace patchbay::base {

/// Reads big-endian integers and runs of bytes from a span, front to back. Never copies and never reads past the end:
/// each read says whether there were bytes enough, and a failed read leaves the position where it was. [any-thread]
class ByteReader {
 public:
  constexpr ByteReader() = default;
  constexpr explicit ByteReader(std::span<const uint8_t> bytes)
      : begin_(bytes.data()), at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  constexpr size_t remaining() const { return static_cast<size_t>(end_ - at_); }
  constexpr size_t position() const { return static_cast<size_t>(at_ - begin_); }
  constexpr bool empty() const { return at_ == end_; }
  constexpr std::span<const uint8_t> rest() const { return {at_, end_}; }
  constexpr const uint8_t* cursor() const { return at_; }

  [[nodiscard]] constexpr bool read_u8(uint8_t& value) {
    if (remaining() < 1) return false;
    value = *at_++;
    return true;
  }

  [[nodiscard]] constexpr bool read_u16(uint16_t& value) {
    if (remaining() < 2) return false;
    value = static_cast<uint16_t>(at_[0] << 8 | at_[1]);
    at_ += 2;
    return true;
  }

  [[nodiscard]] constexpr bool read_u32(uint32_t& value) {
    if (remaining() < 4) return false;
    value = uint32_t{at_[0]} << 24 | uint32_t{at_[1]} << 16 | uint32_t{at_[2]} << 8 | at_[3];
    at_ += 4;
    return true;
  }

  [[nodiscard]] constexpr bool read_bytes(size_t size, std::span<const uint8_t>& bytes) {
    if (remaining() < size) return false;
    bytes = {at_, size};
    at_ += size;
    return true;
  }

  /// A two byte length and as many bytes: the form of strings and binary data in MQTT.
  [[nodiscard]] bool read_prefixed(std::string_view& text) {
    if (remaining() < 2) return false;
    const size_t size = static_cast<size_t>(at_[0] << 8 | at_[1]);
    if (remaining() - 2 < size) return false;
    text = {reinterpret_cast<const char*>(at_ + 2), size};
    at_ += 2 + size;
    return true;
  }

  [[nodiscard]] constexpr bool skip(size_t size) {
    if (remaining() < size) return false;
    at_ += size;
    return true;
  }

 private:
  const uint8_t* begin_ = nullptr;
  const uint8_t* at_ = nullptr;
  const uint8_t* end_ = nullptr;
};

inline std::span<const uint8_t> as_bytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

inline std::string_view as_text(std::span<const uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace patchbay::base

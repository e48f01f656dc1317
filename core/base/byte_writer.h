#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "base/assert.h"

namespace patchbay::base {

/// Writes big-endian integers and runs of bytes into a buffer of the caller, which must have been sized before: running
/// over its end is our own mistake and asserts. [any-thread]
class ByteWriter {
 public:
  explicit ByteWriter(std::span<uint8_t> buffer)
      : begin_(buffer.data()), at_(buffer.data()), end_(buffer.data() + buffer.size()) {}

  size_t written() const { return static_cast<size_t>(at_ - begin_); }
  size_t capacity_left() const { return static_cast<size_t>(end_ - at_); }

  void put_u8(uint8_t value) {
    require(1);
    *at_++ = value;
  }

  void put_u16(uint16_t value) {
    require(2);
    at_[0] = static_cast<uint8_t>(value >> 8);
    at_[1] = static_cast<uint8_t>(value);
    at_ += 2;
  }

  void put_u32(uint32_t value) {
    require(4);
    at_[0] = static_cast<uint8_t>(value >> 24);
    at_[1] = static_cast<uint8_t>(value >> 16);
    at_[2] = static_cast<uint8_t>(value >> 8);
    at_[3] = static_cast<uint8_t>(value);
    at_ += 4;
  }

  void put_bytes(std::span<const uint8_t> bytes) {
    require(bytes.size());
    if (!bytes.empty()) std::memcpy(at_, bytes.data(), bytes.size());
    at_ += bytes.size();
  }

  /// A two byte length and as many bytes: the form of strings and binary data in MQTT. The text must be shorter than 64
  /// KiB.
  void put_prefixed(std::string_view text) {
    PATCHBAY_ASSERT(text.size() <= 0xFFFF);
    put_u16(static_cast<uint16_t>(text.size()));
    put_bytes({reinterpret_cast<const uint8_t*>(text.data()), text.size()});
  }

 private:
  void require(size_t size) const { PATCHBAY_ASSERT(capacity_left() >= size); }

  uint8_t* begin_;
  uint8_t* at_;
  uint8_t* end_;
};

}  // namespace patchbay::base

// A connection's state as bytes, for the next version of this plugin.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace patchbay::stomp {

/// Numbers in seven bits a byte, texts with their length in front.
class StateWriter {
 public:
  void number(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_ += static_cast<char>(value | 0x80);
    bytes_ += static_cast<char>(value);
  }
  void text(std::string_view value) {
    number(value.size());
    bytes_.append(value);
  }
  [[nodiscard]] const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

/// Reads what a StateWriter wrote. What isn't there reads as 0 or empty, and good() is false from then on.
class StateReader {
 public:
  explicit StateReader(std::string_view bytes) : rest_(bytes) {}

  std::uint64_t number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (rest_.empty()) break;
      const auto byte = static_cast<std::uint8_t>(rest_.front());
      rest_.remove_prefix(1);
      value |= std::uint64_t{byte & 0x7Fu} << shift;
      if (byte < 0x80) return value;
    }
    good_ = false;
    return 0;
  }
  template <typename T>
  T as() {
    return static_cast<T>(number());
  }
  std::string text() {
    const std::uint64_t size = number();
    if (size > rest_.size()) good_ = false;
    if (!good_) return {};
    const std::string value(rest_.substr(0, size));
    rest_.remove_prefix(size);
    return value;
  }
  /// How many elements follow: never more than bytes.
  std::uint64_t count() {
    const std::uint64_t value = number();
    if (value <= rest_.size()) return value;
    good_ = false;
    return 0;
  }
  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] bool at_end() const { return good_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool good_ = true;
};

}  // namespace patchbay::stomp

#pragma once

#include <charconv>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

namespace patchbay::webhook {

/// A text that grows, and keeps its memory for the next one: every event is rendered into one.
class TextBuffer {
 public:
  void clear() { size_ = 0; }
  [[nodiscard]] std::string_view view() const { return {data_.get(), size_}; }
  [[nodiscard]] size_t size() const { return size_; }

  /// Where `bytes` more can be written; used() says how many of them were.
  [[nodiscard]] char* room(size_t bytes) {
    if (capacity_ - size_ < bytes) grow(bytes);
    return data_.get() + size_;
  }
  void used(size_t bytes) { size_ += bytes; }

  void put(char c) {
    *room(1) = c;
    ++size_;
  }
  void put(std::string_view text) {
    if (text.empty()) return;
    std::memcpy(room(text.size()), text.data(), text.size());
    size_ += text.size();
  }
  void put_number(int64_t value) {
    constexpr size_t kDigitsMax = 20;
    char* const at = room(kDigitsMax);
    size_ += static_cast<size_t>(std::to_chars(at, at + kDigitsMax, value).ptr - at);
  }
  /// With zeros in front, `digits` in all.
  void put_padded(unsigned value, size_t digits) {
    char* const at = room(digits);
    for (size_t i = digits; i > 0; --i, value /= 10) at[i - 1] = static_cast<char>('0' + value % 10);
    size_ += digits;
  }

 private:
  void grow(size_t bytes) {
    const size_t capacity = (size_ + bytes) * 2 + 512;
    auto larger = std::make_unique_for_overwrite<char[]>(capacity);
    if (size_ != 0) std::memcpy(larger.get(), data_.get(), size_);
    data_ = std::move(larger);
    capacity_ = capacity;
  }

  std::unique_ptr<char[]> data_;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}  // namespace patchbay::webhook

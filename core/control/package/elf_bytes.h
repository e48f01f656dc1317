#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>

namespace patchbay::package {

/// Bounds-checked reading from the bytes of a file that nobody has vouched for. [any-thread]
class ElfBytes {
 public:
  explicit ElfBytes(std::span<const uint8_t> bytes) : bytes_(bytes) {}

  [[nodiscard]] std::optional<std::span<const uint8_t>> slice(uint64_t offset, uint64_t size) const {
    if (offset > bytes_.size() || size > bytes_.size() - offset) return std::nullopt;
    return bytes_.subspan(static_cast<size_t>(offset), static_cast<size_t>(size));
  }

  /// A structure as it lies in the file, copied out because nothing says that it is aligned.
  template <class T>
  [[nodiscard]] std::optional<T> at(uint64_t offset) const {
    const auto part = slice(offset, sizeof(T));
    if (!part) return std::nullopt;
    T value;
    std::memcpy(&value, part->data(), sizeof(T));
    return value;
  }

  /// Element `index` of an array of T; no wrap-around, however large the index.
  template <class T>
  [[nodiscard]] std::optional<T> element(uint64_t offset, uint64_t index) const {
    if (index > bytes_.size() / sizeof(T) || offset > bytes_.size()) return std::nullopt;
    return at<T>(offset + index * sizeof(T));
  }

  /// The longest name that a table may hold: bounds what one look costs, so that many of them cannot take for ever.
  static constexpr size_t kTextBytesMax = 65'536;

  /// The text that begins at `begin` of a string table; nothing when it doesn't end inside the table, or is too long.
  [[nodiscard]] static std::optional<std::string_view> text(std::span<const uint8_t> table, uint64_t begin) {
    if (begin >= table.size()) return std::nullopt;
    const auto rest = table.subspan(static_cast<size_t>(begin));
    const void* const end = std::memchr(rest.data(), 0, std::min(rest.size(), kTextBytesMax));
    if (end == nullptr) return std::nullopt;
    return std::string_view(reinterpret_cast<const char*>(rest.data()),
                            static_cast<size_t>(static_cast<const uint8_t*>(end) - rest.data()));
  }

 private:
  std::span<const uint8_t> bytes_;
};

}  // namespace patchbay::package

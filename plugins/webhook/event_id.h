#pragma once

#include <openssl/rand.h>

#include <atomic>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

namespace patchbay::webhook {

/// The id of an event: a short text without memory of its own.
class EventId {
 public:
  static constexpr size_t kBytesMax = 39;

  EventId() = default;
  /// Nothing: it is longer than any that was ever given.
  [[nodiscard]] static std::optional<EventId> of(std::string_view text) {
    if (text.size() > kBytesMax) return {};
    EventId out;
    std::memcpy(out.text_, text.data(), text.size());
    out.size_ = static_cast<uint8_t>(text.size());
    return out;
  }
  [[nodiscard]] std::string_view view() const { return {text_, size_}; }
  [[nodiscard]] size_t size() const { return size_; }

 private:
  friend class EventIds;
  char text_[kBytesMax] = {};
  uint8_t size_ = 0;
};

/// Ids that no other run and no other node gives: 64 random bits of this run, and a counter, both in hexadecimal.
/// [any-thread]
class EventIds {
 public:
  EventIds() {
    uint64_t random = 0;
    static_cast<void>(::RAND_bytes(reinterpret_cast<unsigned char*>(&random), sizeof random));
    put_hex(run_.text_, random);
    run_.text_[kDigits] = '-';
    run_.size_ = 2 * kDigits + 1;
  }
  [[nodiscard]] EventId next() {
    EventId out = run_;
    put_hex(out.text_ + kDigits + 1, last_.fetch_add(1, std::memory_order_relaxed) + 1);
    return out;
  }

 private:
  static constexpr size_t kDigits = 16;
  static void put_hex(char* to, uint64_t value) {
    for (size_t i = kDigits; i > 0; --i, value >>= 4) to[i - 1] = "0123456789abcdef"[value & 0xF];
  }
  EventId run_;
  std::atomic<uint64_t> last_{0};
};

}  // namespace patchbay::webhook

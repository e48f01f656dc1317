#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace patchbay::net {

/// How many connections the node may have. [any-thread], without locks
class ConnectionQuota {
 public:
  explicit ConnectionQuota(uint64_t maximum) : maximum_(maximum) {}

  [[nodiscard]] bool take() {
    if (used_.fetch_add(1, std::memory_order_relaxed) < maximum_) return true;
    give_back();
    return false;
  }
  void give_back() { used_.fetch_sub(1, std::memory_order_relaxed); }
  [[nodiscard]] uint64_t used() const { return used_.load(std::memory_order_relaxed); }
  [[nodiscard]] uint64_t maximum() const { return maximum_; }

 private:
  const uint64_t maximum_;
  std::atomic<uint64_t> used_{0};
};

/// How many connections one address (an IPv6 /64 counts as one) may have. [any-thread], without locks
class AddressQuota {
 public:
  /// `seed` keeps peers from choosing addresses that collide.
  AddressQuota(uint32_t maximum, uint64_t seed) : maximum_(maximum), seed_(seed) {}

  [[nodiscard]] bool take(const uint8_t (&address)[16]);
  void give_back(const uint8_t (&address)[16]);

 private:
  static constexpr size_t kRows = 2;
  static constexpr size_t kColumns = 1 << 16;
  using Places = std::array<size_t, kRows>;

  [[nodiscard]] Places places(const uint8_t (&address)[16]) const;

  const uint32_t maximum_;
  const uint64_t seed_;
  /// A sketch: an address has a counter in each row, shared with few others; the lowest is the closest from above. Its
  /// size doesn't grow with the number of addresses.
  std::array<std::array<std::atomic<uint32_t>, kColumns>, kRows> counts_{};
};

}  // namespace patchbay::net

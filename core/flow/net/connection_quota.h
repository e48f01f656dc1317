#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace patchbay::net {

/// How many connections the node may have, in all and from one address. [any-thread], without locks
class ConnectionQuota {
 public:
  /// `per_address` 0: not counted. `seed` keeps peers from choosing addresses that collide.
  ConnectionQuota(uint64_t maximum, uint32_t per_address, uint64_t seed);

  [[nodiscard]] bool take();
  void give_back() { used_.fetch_sub(1, std::memory_order_relaxed); }
  /// Counts the address (an IPv6 /64 as one).
  [[nodiscard]] bool take_address(const uint8_t (&address)[16]);
  void give_back_address(const uint8_t (&address)[16]);

  [[nodiscard]] uint64_t used() const { return used_.load(std::memory_order_relaxed); }
  [[nodiscard]] uint64_t maximum() const { return maximum_; }

 private:
  static constexpr size_t kRows = 2;
  static constexpr size_t kColumns = 1 << 16;
  using Row = std::array<std::atomic<uint32_t>, kColumns>;
  using Table = std::array<Row, kRows>;
  using Places = std::array<size_t, kRows>;

  [[nodiscard]] Places places(const uint8_t (&address)[16]) const;

  const uint64_t maximum_;
  const uint32_t per_address_;
  const uint64_t seed_;
  std::atomic<uint64_t> used_{0};
  /// A sketch: an address has a counter in each row, shared with few others; the lowest is the closest from above. Its
  /// size doesn't grow with the number of addresses.
  std::unique_ptr<Table> addresses_;
};

}  // namespace patchbay::net

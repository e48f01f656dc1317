#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace patchbay::base {

/// Every counter of the flow plane; the list is `counters.def`, so that a name exists once.
enum class Counter : uint16_t {
#define PATCHBAY_COUNTER(identifier, name, help) identifier,
#include "base/counters.def"
#undef PATCHBAY_COUNTER
  count_
};

inline constexpr size_t kCounterCount = static_cast<size_t>(Counter::count_);

/// One shard's counters. Written by its shard alone (a plain add), read by control at any time.
class alignas(64) Counters {
 public:
  /// [shard]
  void add(Counter counter, uint64_t amount = 1) {
    std::atomic<uint64_t>& slot = slots_[static_cast<size_t>(counter)];
    slot.store(slot.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  }
  /// For gauges (connections, sessions): counts down. [shard]
  void subtract(Counter counter, uint64_t amount = 1) {
    std::atomic<uint64_t>& slot = slots_[static_cast<size_t>(counter)];
    slot.store(slot.load(std::memory_order_relaxed) - amount, std::memory_order_relaxed);
  }
  /// [any-thread]
  [[nodiscard]] uint64_t get(Counter counter) const {
    return slots_[static_cast<size_t>(counter)].load(std::memory_order_relaxed);
  }

 private:
  std::array<std::atomic<uint64_t>, kCounterCount> slots_{};
};

struct CounterInfo {
  const char* name;
  const char* help;
};

/// Name (EMQX's where EMQX has the counter) and explanation. [any-thread]
[[nodiscard]] const CounterInfo& counter_info(Counter counter);

}  // namespace patchbay::base

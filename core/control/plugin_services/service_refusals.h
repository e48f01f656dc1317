#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace patchbay::plugin_services {

/// Which limit has turned an instance away.
enum class Refusal : uint8_t {
  pending_publishes,
  publish_depth,
  subscriptions,
  pending_queries,
  timers,
  pending_work,
  threads,
  fd_watches,
  streams,
  kv_bytes,
  metrics,
  alarms,
  leases,
  pending_requests,
  count_
};

inline constexpr size_t kRefusalKinds = static_cast<size_t>(Refusal::count_);

/// The name of the limit's key: "plugins.max_timers".
[[nodiscard]] std::string_view refusal_key(Refusal refusal);

/// How often each limit has refused one instance. [any-thread]
class ServiceRefusals {
 public:
  void count(Refusal refusal) { cells_[static_cast<size_t>(refusal)].fetch_add(1, std::memory_order_relaxed); }
  [[nodiscard]] uint64_t value(Refusal refusal) const {
    return cells_[static_cast<size_t>(refusal)].load(std::memory_order_relaxed);
  }

 private:
  std::array<std::atomic<uint64_t>, kRefusalKinds> cells_{};
};

/// A bounded number of things that are in use. [any-thread]
class Quota {
 public:
  Quota(uint32_t maximum, ServiceRefusals& refusals, Refusal kind)
      : maximum_(maximum), refusals_(refusals), kind_(kind) {}

  /// False, and counted, when all are taken.
  [[nodiscard]] bool take() {
    if (used_.fetch_add(1, std::memory_order_relaxed) < maximum_) return true;
    used_.fetch_sub(1, std::memory_order_relaxed);
    refusals_.count(kind_);
    return false;
  }
  void give_back() { used_.fetch_sub(1, std::memory_order_release); }
  [[nodiscard]] uint32_t used() const { return used_.load(std::memory_order_acquire); }

 private:
  const uint32_t maximum_;
  ServiceRefusals& refusals_;
  const Refusal kind_;
  std::atomic<uint32_t> used_{0};
};

}  // namespace patchbay::plugin_services

#pragma once

#include <atomic>
#include <cstdint>

#include "distribution/delivery.h"

namespace patchbay::router {

/// One subscriber of one filter: who, with which options and identifier. Sixteen bytes, read without locks while the
/// index's writer reuses it for somebody else.
///
/// handle_ is 0 while the entry is free. details_ carries 28 bits of subscription identifier, 6 bits of options and 30
/// bits derived from the handle: a reader that got one tenant's handle and another tenant's details sees that they do
/// not belong together and skips the entry, which was being changed at that moment.
class SubscriptionEntry {
 public:
  SubscriptionEntry() = default;
  SubscriptionEntry(const SubscriptionEntry& other) { copy_from(other); }
  SubscriptionEntry& operator=(const SubscriptionEntry&) = delete;

  /// False where the entry is free or is changing hands. [any-thread, in an epoch section]
  [[nodiscard]] bool read(distribution::Delivery& out) const {
    const uint64_t handle = handle_.load(std::memory_order_acquire);
    const uint64_t details = details_.load(std::memory_order_relaxed);
    if (handle == 0 || (details >> kTagShift) != tag(handle)) return false;
    out.subscriber = distribution::SubscriberHandle(handle);
    out.subscription_identifier = static_cast<uint32_t>(details) & kIdentifierMask;
    const auto options = static_cast<uint8_t>(details >> kIdentifierBits);
    out.options.maximum_qos = options & 3;
    out.options.no_local = options >> 2 & 1;
    out.options.retain_as_published = options >> 3 & 1;
    out.options.retain_handling = options >> 4 & 3;
    return true;
  }

  // The rest is for the index's one writer at a time.
  [[nodiscard]] distribution::SubscriberHandle handle() const {
    return distribution::SubscriberHandle(handle_.load(std::memory_order_relaxed));
  }
  [[nodiscard]] bool is_free() const { return handle_.load(std::memory_order_relaxed) == 0; }
  void write(distribution::SubscriberHandle handle, distribution::SubscriptionOptions options, uint32_t identifier) {
    details_.store(pack(handle.value(), options, identifier), std::memory_order_relaxed);
    handle_.store(handle.value(), std::memory_order_release);
  }
  void clear() { handle_.store(0, std::memory_order_release); }
  void copy_from(const SubscriptionEntry& other) {
    details_.store(other.details_.load(std::memory_order_relaxed), std::memory_order_relaxed);
    handle_.store(other.handle_.load(std::memory_order_relaxed), std::memory_order_release);
  }

 private:
  static constexpr unsigned kIdentifierBits = 28;  // A Variable Byte Integer: at most 268,435,455.
  static constexpr uint32_t kIdentifierMask = (1U << kIdentifierBits) - 1;
  static constexpr unsigned kTagShift = 34;

  static constexpr uint64_t tag(uint64_t handle) { return (handle * 0x9E3779B97F4A7C15U) >> kTagShift; }
  static uint64_t pack(uint64_t handle, distribution::SubscriptionOptions options, uint32_t identifier) {
    const auto bits = static_cast<uint64_t>(options.maximum_qos | options.no_local << 2 |
                                            options.retain_as_published << 3 | options.retain_handling << 4);
    return tag(handle) << kTagShift | bits << kIdentifierBits | (identifier & kIdentifierMask);
  }

  std::atomic<uint64_t> handle_{0};
  std::atomic<uint64_t> details_{0};
};

static_assert(sizeof(SubscriptionEntry) == 16);

}  // namespace patchbay::router

#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "settings.h"

namespace patchbay::acl_mysql {

/// How long to wait before the next attempt to connect: doubled after each failure, and shortened by up to a half by
/// chance, so that brokers that lost a server together don't come back together. One thread.
class Backoff {
 public:
  /// `seed`: different for each user.
  Backoff(const ReconnectSettings& settings, std::uint64_t seed) : settings_(settings), state_(seed) {}

  [[nodiscard]] std::chrono::milliseconds next() {
    wait_ = std::clamp(wait_ * 2, settings_.minimum, settings_.maximum);
    const std::int64_t half = wait_.count() / 2;
    return wait_ - std::chrono::milliseconds(half == 0 ? 0 : static_cast<std::int64_t>(random() >> 1) % half);
  }
  void succeeded() { wait_ = {}; }

 private:
  /// SplitMix64: enough to spread waits.
  std::uint64_t random() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
  }
  ReconnectSettings settings_;
  std::uint64_t state_;
  std::chrono::milliseconds wait_{0};
};

}  // namespace patchbay::acl_mysql

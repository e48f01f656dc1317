#pragma once

#include <algorithm>
#include <cstdint>

#include "base/clock.h"

namespace patchbay::net {

/// How much of a core a shard's thread has used lately. Asks the system once for each window, so that a turn pays for
/// nothing but a comparison. [shard]
class ThreadLoad {
 public:
  explicit ThreadLoad(uint64_t window_ms) : window_ms_(window_ms) {}

  /// Begins anew with the calling thread; percent() is 0 until a window has passed.
  void restart(const base::Clock& clock, uint64_t now_ms) {
    begin_ms_ = now_ms;
    begin_cpu_us_ = clock.thread_cpu_us();
    percent_ = 0;
  }
  /// True when a window has ended with this turn: percent() is new. A window is longer where the thread slept through
  /// its end.
  [[nodiscard]] bool window_ended(const base::Clock& clock, uint64_t now_ms) {
    if (now_ms - begin_ms_ < window_ms_) return false;
    const uint64_t cpu_us = clock.thread_cpu_us();
    const uint64_t percent = (cpu_us - begin_cpu_us_) / 10 / std::max<uint64_t>(now_ms - begin_ms_, 1);
    percent_ = static_cast<uint32_t>(std::min<uint64_t>(percent, 100));
    begin_ms_ = now_ms;
    begin_cpu_us_ = cpu_us;
    return true;
  }
  /// Of one core, in the last window.
  [[nodiscard]] uint32_t percent() const { return percent_; }

 private:
  uint64_t window_ms_;
  uint64_t begin_ms_ = 0;
  uint64_t begin_cpu_us_ = 0;
  uint32_t percent_ = 0;
};

}  // namespace patchbay::net

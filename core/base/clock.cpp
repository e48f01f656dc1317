#include "base/clock.h"

#include <time.h>

#include <chrono>

namespace patchbay::base {

uint64_t SystemClock::steady_ms() const {
#ifdef CLOCK_MONOTONIC_COARSE
  // The kernel's last tick, read from memory. Asking the processor for the time costs 70 ns where a hypervisor has a
  // word in it, and every turn of a shard asks.
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1000 + static_cast<uint32_t>(now.tv_nsec) / 1'000'000;
#else
  return steady_ns() / 1'000'000;
#endif
}

uint64_t SystemClock::steady_ns() const {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
}

uint64_t SystemClock::unix_ms() const {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

uint64_t SystemClock::thread_cpu_us() const {
  timespec used{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return static_cast<uint64_t>(used.tv_sec) * 1'000'000 + static_cast<uint64_t>(used.tv_nsec) / 1000;
}

}  // namespace patchbay::base

#pragma once

#include <cstdint>
#include <ctime>

namespace patchbay::bench {

inline constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;

// The one time scale of a run: send stamps, schedules and deadlines are all compared on it. [any-thread]
inline std::int64_t monotonic_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * kNanosecondsPerSecond + now.tv_nsec;
}

inline std::int64_t seconds_to_ns(double seconds) {
  return static_cast<std::int64_t>(seconds * static_cast<double>(kNanosecondsPerSecond));
}

inline double ns_to_seconds(std::int64_t ns) {
  return static_cast<double>(ns) / static_cast<double>(kNanosecondsPerSecond);
}

}  // namespace patchbay::bench

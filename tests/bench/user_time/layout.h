#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#if defined(__x86_64__)
#include <x86intrin.h>
#else
#include <ctime>
#endif

namespace patchbay::bench::user_time {

// What the library user_time in a broker tells the tool, by a file that both have mapped. Written by the broker's
// threads, each in a place of its own, read by the tool.

inline constexpr std::uint64_t kMagic = 0x31656D6974727375;  // "usrtime1"
inline constexpr std::uint32_t kThreads = 255;

struct alignas(64) ThreadTime {
  std::atomic<std::uint64_t> ticks{0};  // in user mode between two calls
  std::atomic<std::uint64_t> calls{0};
  std::atomic<std::uint64_t> left_out{0};  // intervals too long to have been work alone
};

struct Layout {
  std::atomic<std::uint64_t> magic{0};
  std::atomic<std::uint32_t> threads{0};  // that have asked for a place; those above kThreads got none
  std::array<ThreadTime, kThreads> thread;
};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

// A counter that runs evenly, the same on all processors; what a tick is worth, the tool finds out while it measures.
inline std::uint64_t stamp() {
#if defined(__x86_64__)
  _mm_lfence();  // what stands before it is done, not only under way
  return __rdtsc();
#else
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(now.tv_nsec);
#endif
}

}  // namespace patchbay::bench::user_time

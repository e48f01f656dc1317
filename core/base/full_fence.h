#pragma once

#include <atomic>
#include <cstdint>

// The thread sanitizer does not know fences.
#if defined(__SANITIZE_THREAD__)
#define PATCHBAY_THREAD_SANITIZER
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define PATCHBAY_THREAD_SANITIZER
#endif
#endif

namespace patchbay::base {

/// What this thread has stored before is seen by everybody before anything is loaded that comes after. [any-thread]
inline void full_fence() {
#ifdef PATCHBAY_THREAD_SANITIZER
  // Orders the processor's accesses as well, and tells the sanitizer of no order between threads: nobody else has it.
  std::atomic<uint32_t> nobodys{0};
  nobodys.exchange(1, std::memory_order_seq_cst);
#else
  std::atomic_thread_fence(std::memory_order_seq_cst);
#endif
}

}  // namespace patchbay::base

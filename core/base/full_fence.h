#pragma once

#include <atomic>

// The sanitizer does not know fences; for what it looks at, who happens before whom, the accesses beside them are
// enough.
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
#ifndef PATCHBAY_THREAD_SANITIZER
  std::atomic_thread_fence(std::memory_order_seq_cst);
#endif
}

}  // namespace patchbay::base

#pragma once

namespace patchbay::base {

/// Prints the failed condition and aborts. [any-thread]
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line) noexcept;

}  // namespace patchbay::base

/// Guards what only we can cause. Stays on in release builds: a broker that goes on with a broken invariant loses
/// messages quietly.
#define PATCHBAY_ASSERT(condition)                           \
  (__builtin_expect(!!(condition), 1) ? static_cast<void>(0) \
                                      : ::patchbay::base::assertion_failed(#condition, __FILE__, __LINE__))

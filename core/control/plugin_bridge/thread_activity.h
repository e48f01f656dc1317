#pragma once

#include <cstdint>
#include <optional>

namespace patchbay::plugin_bridge {

/// What the kernel says a thread is doing.
struct ThreadActivity {
  bool runnable = true;  ///< it runs, or waits for a processor; else it sleeps or waits for something
  uint64_t cpu_ns = 0;   ///< processor time that it has used
};

namespace detail {
inline constinit thread_local int kernel_thread = 0;
[[nodiscard]] int ask_kernel_thread_id();
}  // namespace detail

/// Kernel id of the calling thread; asked for once. [any-thread]
[[nodiscard, gnu::always_inline]] inline int kernel_thread_id() {
  int self = detail::kernel_thread;
  if (self == 0) [[unlikely]]
    detail::kernel_thread = self = detail::ask_kernel_thread_id();
  return self;
}

/// Nothing: there is no such thread, or the kernel doesn't tell. Reads two files. [any-thread]
[[nodiscard]] std::optional<ThreadActivity> thread_activity(int thread_id);

}  // namespace patchbay::plugin_bridge

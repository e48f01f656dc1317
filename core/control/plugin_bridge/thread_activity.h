#pragma once

#include <cstdint>
#include <optional>

namespace patchbay::plugin_bridge {

/// What the kernel says a thread is doing.
struct ThreadActivity {
  bool runnable = true;  ///< it runs, or waits for a processor; else it sleeps or waits for something
  uint64_t cpu_ns = 0;   ///< processor time that it has used
};

/// Nothing: there is no such thread, or the kernel doesn't tell. Reads two files. [any-thread]
[[nodiscard]] std::optional<ThreadActivity> thread_activity(int thread_id);

}  // namespace patchbay::plugin_bridge

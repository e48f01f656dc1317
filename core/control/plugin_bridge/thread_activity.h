#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace patchbay::plugin_bridge {

/// What the kernel says a thread is doing.
struct ThreadActivity {
  bool runnable = true;    ///< it runs, or waits for a processor; else it sleeps or waits for something
  uint64_t cpu_ns = 0;     ///< processor time that it has used
  uint64_t waited_ns = 0;  ///< for a processor, in waits that have ended
  uint64_t runs = 0;       ///< how often it was given one
};

/// Nothing: there is no such thread, or the kernel doesn't tell. Reads two files. [any-thread]
[[nodiscard]] std::optional<ThreadActivity> thread_activity(int thread_id);

/// Kernel ids of all threads of this process, rising. Reads a folder. [any-thread]
[[nodiscard]] std::vector<int> process_threads();

}  // namespace patchbay::plugin_bridge

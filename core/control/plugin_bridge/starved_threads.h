#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "plugin_bridge/thread_activity.h"

namespace patchbay::plugin_bridge {

/// Where the watchdog learns what threads of this process do. [watchdog]
struct ThreadView {
  std::optional<ThreadActivity> (*activity)(int thread_id) = thread_activity;
  std::vector<int> (*threads)() = process_threads;
};

/// Threads of this process that could run and are given no processor. A thread that sleeps may wait for a lock that
/// one of them holds: then it is the machine that is late, and nobody's code. [watchdog]
class StarvedThreads {
 public:
  explicit StarvedThreads(const ThreadView& view) : view_(view) {}

  /// Those that could run at the look before and now, and were given no processor between. The first look tells
  /// nothing yet. Not the caller. Reads two files for each thread: for suspicious moments only, and some milliseconds
  /// apart, since the kernel counts the time of a thread that runs from tick to tick.
  [[nodiscard]] std::vector<int> look();

 private:
  struct Waiting {
    int thread = 0;
    ThreadActivity activity;
  };
  [[nodiscard]] bool still_waits(const Waiting& now) const;

  const ThreadView& view_;
  std::vector<Waiting> waiting_;
};

}  // namespace patchbay::plugin_bridge

#pragma once

#include <vector>

namespace patchbay::base {

/// The processors that the calling thread may run on, by the kernel's numbers, rising; never empty. What taskset, a
/// systemd unit or a container's cpuset has left. [any-thread]
[[nodiscard]] std::vector<int> allowed_processors();

/// From here on the calling thread runs on this one only. False: the system refuses. [any-thread]
bool stay_on_processor(int processor);

}  // namespace patchbay::base

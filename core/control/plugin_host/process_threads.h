#pragma once

#include <string>
#include <vector>

namespace patchbay::plugin_host {

/// Those of `now` that are neither in `before` nor in `known`. [any-thread]
[[nodiscard]] std::vector<int> strangers(const std::vector<int>& before, const std::vector<int>& now,
                                         const std::vector<int>& known);

/// "thread 4711 (resolver)", with the thread's name while it lives. [any-thread]
[[nodiscard]] std::string thread_text(int thread_id);

}  // namespace patchbay::plugin_host

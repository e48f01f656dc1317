#include "plugin_bridge/starved_threads.h"

#include <algorithm>
#include <utility>

#include "base/shard.h"

namespace patchbay::plugin_bridge {

std::vector<int> StarvedThreads::look() {
  std::vector<Waiting> now;
  std::vector<int> starved;
  const int self = base::kernel_thread_id();
  for (const int thread : view_.threads()) {
    if (thread == self) continue;
    const auto activity = view_.activity(thread);
    if (!activity || !activity->runnable) continue;
    now.push_back({thread, *activity});
    if (still_waits(now.back())) starved.push_back(thread);
  }
  waiting_ = std::move(now);
  return starved;
}

bool StarvedThreads::still_waits(const Waiting& now) const {
  return std::any_of(waiting_.begin(), waiting_.end(), [&](const Waiting& before) {
    return before.thread == now.thread && before.activity.runs == now.activity.runs &&
           before.activity.cpu_ns == now.activity.cpu_ns;
  });
}

}  // namespace patchbay::plugin_bridge

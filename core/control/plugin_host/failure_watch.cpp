#include "plugin_host/failure_watch.h"

#include <algorithm>
#include <string>

#include "plugin_bridge/instance.h"

namespace patchbay::plugin_host {

FailureWatch::Outcomes FailureWatch::outcomes_of(const plugin_bridge::Instance& instance) {
  Outcomes all;
  for (const auto& hook : instance.hooks()) all.emplace_back(hook->id(), hook->outcomes());
  return all;
}

PluginHealth FailureWatch::look(PluginHealth said, const Outcomes& outcomes) {
  for (const auto& [hook, now] : outcomes) {
    plugin_bridge::Hook::Outcomes& before = seen_[hook];
    const uint64_t failures = now.failures > before.failures ? now.failures - before.failures : 0;
    // Calls are counted when they begin and failures when they end: never more of these than of those.
    const uint64_t answers = std::max(now.answers > before.answers ? now.answers - before.answers : 0, failures);
    before = now;
    if (failures == 0) continue;
    if (!said.text.empty()) said.text += "; ";
    said.text += std::to_string(failures) + " of the last " + std::to_string(answers) + " answers at " +
                 std::string(hooks::hook_info(hook).name) + " failed";
    if (said.kind == PluginHealth::Kind::healthy && failures * 2 >= answers) said.kind = PluginHealth::Kind::degraded;
  }
  return said;
}

}  // namespace patchbay::plugin_host

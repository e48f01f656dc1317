#include "plugin_host/instance_record.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include <utility>

#include "plugin_bridge/hook.h"

namespace patchbay::plugin_host {

namespace {

constexpr uint64_t kAnswersMin = 20;  // fewer say nothing

}  // namespace

void InstanceRecord::take_facts(const package::PluginPackage& package) {
  const package::Manifest& manifest = package.manifest;
  plugin_id = manifest.id;
  version = manifest.version.text();
  title = manifest.title;
  sha256 = package.copy.sha256();
  settings_schema = package.settings_schema.schema_json().dump();
  take_hooks(manifest);
  needs = manifest.needs;
  wants = manifest.wants;
  provides = manifest.provides;
}

void InstanceRecord::take_hooks(const package::Manifest& manifest) {
  authenticates = std::any_of(manifest.hooks.begin(), manifest.hooks.end(), [](const package::HookProposal& hook) {
    return hook.hook == "auth.authenticate" || hook.hook == "auth.enhanced";
  });
  authorizes = std::any_of(manifest.hooks.begin(), manifest.hooks.end(), [](const package::HookProposal& hook) {
    return hook.hook == "acl.publish" || hook.hook == "acl.subscribe";
  });
}

void InstanceRecord::move_to(PluginState next, std::string why, uint64_t unix_ms) {
  state = next;
  reason = std::move(why);
  if (transitions.size() == kTransitionsMax) transitions.erase(transitions.begin());
  transitions.push_back({next, unix_ms, reason});
}

std::optional<double> InstanceRecord::failure_share() const {
  if (current == nullptr) return std::nullopt;
  plugin_bridge::Hook::Outcomes sum;
  for (const auto& hook : current->instance()->hooks()) {
    const plugin_bridge::Hook::Outcomes outcomes = hook->outcomes();
    sum.answers += outcomes.answers;
    sum.failures += outcomes.failures;
  }
  if (sum.answers < kAnswersMin) return std::nullopt;
  return static_cast<double>(sum.failures) / static_cast<double>(sum.answers);
}

}  // namespace patchbay::plugin_host

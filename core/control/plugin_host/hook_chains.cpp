#include "plugin_host/hook_chains.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>

#include "hooks/hook_points.h"

namespace patchbay::plugin_host {

namespace {

using package::HookOrder;
using package::HookPosition;
using plugin_bridge::Hook;
using plugin_bridge::PublishedHook;

// Entries of one instance at one point: a plugin may decide and observe there.
constexpr uint32_t kEntriesEach = 16;

const config::HookRuleConfig* rule_of(const std::vector<config::HookRuleConfig>& rules, std::string_view hook) {
  for (const config::HookRuleConfig& rule : rules) {
    if (rule.hook == hook) return &rule;
  }
  return nullptr;
}

const config::PluginHookConfig* wish_of(const config::PluginConfig& config, std::string_view hook) {
  for (const config::PluginHookConfig& wish : config.hook) {
    if (wish.hook == hook) return &wish;
  }
  return nullptr;
}

std::optional<base::Fallback> fallback_of(config::HookFallback fallback) {
  switch (fallback) {
    case config::HookFallback::deny:
      return base::Fallback::deny;
    case config::HookFallback::allow:
      return base::Fallback::allow;
    case config::HookFallback::next:
      return base::Fallback::next;
    case config::HookFallback::default_:
      break;
  }
  return std::nullopt;
}

base::Combine combine_of(config::HookCombining combining) {
  if (combining == config::HookCombining::deny_overrides) return base::Combine::deny_overrides;
  if (combining == config::HookCombining::unanimous) return base::Combine::unanimous;
  return base::Combine::first_decisive;
}

// What the manifest says of the hook; a hook that it doesn't name is ordered by what the code registered.
package::HookProposal proposal_of(const ChainMember& member, const Hook& hook, std::string_view name) {
  for (const package::HookProposal& proposal : member.manifest->hooks) {
    if (proposal.hook == name) return proposal;
  }
  package::HookProposal proposal;
  proposal.hook = std::string(name);
  proposal.priority = std::clamp(hook.registration().priority, -1000, 1000);
  return proposal;
}

// The members at one hook point, with the entries that they have there.
struct Point {
  std::vector<package::OrderedInstance> instances;
  std::map<std::string, std::vector<Hook*>> entries;
  std::map<std::string, const ChainMember*> members;
};

std::map<hooks::HookId, Point> points_of(const std::vector<ChainMember>& members) {
  std::map<hooks::HookId, Point> points;
  for (const ChainMember& member : members) {
    const std::string& name = member.instance->facts().name;
    for (const auto& hook : member.instance->hooks()) {
      Point& point = points[hook->id()];
      if (point.entries[name].empty()) {
        const std::string_view hook_name = hooks::hook_info(hook->id()).name;
        point.instances.push_back(
            {name, member.manifest->id, member.manifest->role, {proposal_of(member, *hook, hook_name)}});
        point.members[name] = &member;
      }
      point.entries[name].push_back(hook.get());
    }
  }
  return points;
}

size_t place_of(const std::vector<HookPosition>& positions, std::string_view instance) {
  const auto found = std::find_if(positions.begin(), positions.end(),
                                  [&](const HookPosition& position) { return position.instance == instance; });
  return static_cast<size_t>(found - positions.begin());
}

// Moves one instance to where its configuration wants it; where the other one isn't at this point, it stays.
void apply_place(std::vector<HookPosition>& positions, const std::string& instance, const std::string& place) {
  const size_t from = place_of(positions, instance);
  HookPosition moved = positions[from];
  moved.reason = "operator: " + place;
  std::vector<HookPosition> others = positions;
  others.erase(others.begin() + static_cast<ptrdiff_t>(from));
  size_t to = others.size();
  if (place == "front") to = 0;
  const size_t colon = place.find(':');
  if (colon != std::string::npos) {
    to = place_of(others, std::string_view(place).substr(colon + 1));
    if (to == others.size()) return;
    if (place.starts_with("after:")) ++to;
  }
  others.insert(others.begin() + static_cast<ptrdiff_t>(to), std::move(moved));
  positions = std::move(others);
}

void apply_places(HookOrder& order, const Point& point, const std::vector<std::string>& listed) {
  for (const package::OrderedInstance& instance : point.instances) {
    const std::string& place = point.members.at(instance.instance)->config->position;
    const bool in_list = std::find(listed.begin(), listed.end(), instance.instance) != listed.end();
    if (!place.empty() && !in_list) apply_place(order.positions, instance.instance, place);
  }
}

void publish_point(const HookOrder& order, const Point& point, ChainPlan& plan) {
  for (size_t place = 0; place < order.positions.size(); ++place) {
    const std::string& instance = order.positions[place].instance;
    uint32_t index = static_cast<uint32_t>(place) * kEntriesEach;
    const config::PluginHookConfig* wish = wish_of(*point.members.at(instance)->config, order.hook);
    for (Hook* hook : point.entries.at(instance)) {
      PublishedHook published;
      published.hook = hook;
      published.list_index = index++;
      if (wish != nullptr && wish->deadline_ms != 0) published.deadline_ms = wish->deadline_ms;
      if (wish != nullptr) published.fallback = fallback_of(wish->fallback);
      plan.chains.hooks.push_back(std::move(published));
    }
  }
}

}  // namespace

base::Result<ChainPlan, std::string> plan_chains(const std::vector<ChainMember>& members,
                                                 const std::vector<config::HookRuleConfig>& rules) {
  ChainPlan plan;
  for (const auto& [id, point] : points_of(members)) {
    const std::string name(hooks::hook_info(id).name);
    const config::HookRuleConfig* rule = rule_of(rules, name);
    const std::vector<std::string> listed = rule == nullptr ? std::vector<std::string>{} : rule->order;
    auto order = package::order_hook(name, point.instances, listed);
    if (!order) return base::fail(order.error());
    apply_places(*order, point, listed);
    publish_point(*order, point, plan);
    plan.order.push_back(std::move(*order));
  }
  for (const config::HookRuleConfig& rule : rules) {
    const auto id = hooks::hook_id_from(rule.hook);
    if (id) plan.chains.combine[*id] = combine_of(rule.combining);
  }
  return plan;
}

std::vector<std::string> hook_name_problems(const config::PluginsConfig& plugins, const config::PluginMap& instances) {
  std::vector<std::string> problems;
  const auto check = [&](const std::string& key, const std::string& hook) {
    if (hooks::hook_id_from(hook)) return;
    problems.push_back(key + ": found \"" + hook + "\"; allowed: the name of a hook point, such as auth.authenticate");
  };
  for (const config::HookRuleConfig& rule : plugins.hook) check("plugins.hook", rule.hook);
  for (const auto& [name, plugin] : instances) {
    for (const config::PluginHookConfig& wish : plugin.hook) check("plugin." + name + ".hook", wish.hook);
  }
  return problems;
}

}  // namespace patchbay::plugin_host

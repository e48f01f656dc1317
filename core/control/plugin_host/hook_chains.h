#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "config/plugin_config.h"
#include "package/hook_order.h"
#include "package/manifest.h"
#include "plugin_bridge/chain_publisher.h"
#include "plugin_bridge/instance.h"

namespace patchbay::plugin_host {

/// An instance whose hooks are to be asked. Views; for one call.
struct ChainMember {
  const plugin_bridge::Instance* instance = nullptr;
  const package::Manifest* manifest = nullptr;
  const config::PluginConfig* config = nullptr;  ///< its place, and what it says of single hooks
};

/// What is to be published, and why in this order.
struct ChainPlan {
  plugin_bridge::PublishedChains chains;
  std::vector<package::HookOrder> order;
};

/// The order of every hook that a member has registered: the operator's list, then places (front, rear, before, after),
/// then what the manifests say. The error is a sentence that prints the cycle. [control]
[[nodiscard]] base::Result<ChainPlan, std::string> plan_chains(const std::vector<ChainMember>& members,
                                                               const std::vector<config::HookRuleConfig>& rules);

/// What is wrong with the names of hooks in the configuration, a line each. [any-thread]
[[nodiscard]] std::vector<std::string> hook_name_problems(const config::PluginsConfig& plugins,
                                                          const config::PluginMap& instances);

}  // namespace patchbay::plugin_host

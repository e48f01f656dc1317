#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "package/manifest.h"

namespace patchbay::package {

/// An instance as ordering sees it.
struct OrderedInstance {
  std::string instance;  ///< unique
  std::string id;        ///< of its plugin
  std::string role;
  std::vector<HookProposal> hooks;
};

/// A place in the order of one hook.
struct HookPosition {
  std::string instance;
  std::string reason;  ///< why it stands here: "operator's list", "before b (manifest of a)", "priority 10", "id"
};

struct HookOrder {
  std::string hook;
  std::vector<HookPosition> positions;  ///< first is asked first
};

/// Names of instances, ids or "role:x", per hook, in the order that the operator wants; those not named come after.
using OperatorOrder = std::map<std::string, std::vector<std::string>>;

/// The order of one hook's entries inside one phase: the operator's list, else before and after, else priority (lower
/// first), else the id, else the instance's name. A constraint against the operator's list yields to it and is named
/// in the reason. The error is a sentence that prints the cycle: "auth.authenticate: a before b (manifest of a), b
/// before a (manifest of b)". Phases (decide, transform, observe) are the caller's: it sorts by phase first.
/// [any-thread]
[[nodiscard]] base::Result<HookOrder, std::string> order_hook(const std::string& hook,
                                                              const std::vector<OrderedInstance>& instances,
                                                              const std::vector<std::string>& operator_list);

/// All hooks that any instance proposes, by name. All cycles at once. [any-thread]
[[nodiscard]] base::Result<std::vector<HookOrder>, std::vector<std::string>> order_hooks(
    const std::vector<OrderedInstance>& instances, const OperatorOrder& operator_order);

}  // namespace patchbay::package

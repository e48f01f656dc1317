#pragma once

#include <string>
#include <string_view>

#include "plugin_host/plugin_host.h"

namespace patchbay::broker {

/// A change that an operator makes: what the hook points admin.before and admin.audit are told of.
struct OperatorAction {
  std::string user;    ///< who: "signal" for SIGHUP
  std::string action;  ///< what: "RELOAD"
  std::string object;  ///< of what: "/configuration"
};

/// Whether plugins let the change be made now (admin.before). Where none answers in time the point's fallback counts:
/// allowed. Waits; not from a thread of the plugin host. [control]
[[nodiscard]] bool may_act(plugin_host::PluginHost& plugins, const OperatorAction& action);

/// Tells the observers of admin.audit what became of it: "applied", "refused". [control]
void audit(plugin_host::PluginHost& plugins, const OperatorAction& action, std::string_view outcome);

}  // namespace patchbay::broker

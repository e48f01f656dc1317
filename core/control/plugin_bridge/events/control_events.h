#pragma once

#include "patchbay/events.h"
#include "plugin_bridge/abi_views.h"
#include "plugin_bridge/control_events.h"

/// The control plane's events as the ABI shows them. Views of the core's event, valid as long as it.
namespace patchbay::plugin_bridge {

/// Without `hook`, which the caller knows.
[[nodiscard]] inline patchbay_control_event show(const ControlEvent& event) {
  patchbay_control_event abi{};
  abi.size = sizeof abi;
  abi.object = view(event.object);
  abi.before = view(event.before);
  abi.after = view(event.after);
  abi.author = view(event.author);
  abi.details_json = view(event.details_json);
  abi.at_unix_ms = event.at_unix_ms;
  return abi;
}

[[nodiscard]] inline patchbay_admin_event show(const AdminEvent& event) {
  patchbay_admin_event abi{};
  abi.size = sizeof abi;
  abi.user = view(event.user);
  abi.action = view(event.action);
  abi.object = view(event.object);
  abi.body_json = view(event.body_json);
  return abi;
}

}  // namespace patchbay::plugin_bridge

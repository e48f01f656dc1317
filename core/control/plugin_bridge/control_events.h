#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "access/client_info.h"
#include "base/chain_run.h"
#include "mqtt/reason_code.h"

/// What the hook points of the control plane show. Views are valid during the call.
namespace patchbay::plugin_bridge {

/// cluster.event, config.changed, listener.state, plugin.state, alarm.raised, alarm.cleared, node.state, admin.audit,
/// shutdown.begin
struct ControlEvent {
  static constexpr const access::ClientInfo* client = nullptr;  ///< filters ask for it

  std::string_view object;  ///< configuration key, listener, instance, alarm, node
  std::string_view before;  ///< old state or value; secrets are masked by whoever tells
  std::string_view after;
  std::string_view author;  ///< user, "file", "node"
  std::string_view details_json;
  uint64_t at_unix_ms = 0;
};

/// acl.admin: may this user do this? admin.before: may this change be made now? Takes allow and deny. May defer.
struct AdminEvent {
  static constexpr base::OnMissing kOnMissing = base::OnMissing::fallback;
  static constexpr uint8_t kDenyReason = static_cast<uint8_t>(mqtt::ReasonCode::not_authorized);
  static constexpr const access::ClientInfo* client = nullptr;

  std::string_view user;
  std::string_view action;  ///< "GET", "POST", ...
  std::string_view object;  ///< path below the API's root
  std::string_view body_json;
  bool decided = false;
  bool allowed = false;

  bool apply(base::Verdict& verdict);
  void own() {}  // the asker waits, and its texts with it
};

}  // namespace patchbay::plugin_bridge

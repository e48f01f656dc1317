#pragma once

#include "router/publish_router.h"
#include "session/changed_messages.h"
#include "session/granted_limits.h"
#include "session/plugin_publisher.h"
#include "session/plugin_subscriptions.h"
#include "session/retained_storing.h"
#include "session/session_environment.h"
#include "session/share_picker.h"

namespace patchbay::session {

/// What hook points of one shard need beyond a call, and what plugins do as themselves. Made by the composition root
/// once the environment's other parts are there; enters itself into the environment and the router. [shard]
struct HookServices {
  explicit HookServices(SessionEnvironment& environment)
      : changed(environment),
        retained_storing(environment),
        share_picker(environment),
        plugin_publisher(environment),
        plugin_subscriptions(environment) {
    environment.hook_services = this;
    environment.changed_messages = &changed;
    environment.granted_limits = &granted_limits;
    environment.retained_storing = &retained_storing;
    environment.plugin_subscriptions = &plugin_subscriptions;
    environment.router.set_member_advisor(&share_picker);
  }
  HookServices(const HookServices&) = delete;
  HookServices& operator=(const HookServices&) = delete;

  ChangedMessages changed;
  GrantedLimits granted_limits;
  RetainedStoring retained_storing;
  SharePicker share_picker;
  PluginPublisher plugin_publisher;
  PluginSubscriptions plugin_subscriptions;
};

}  // namespace patchbay::session

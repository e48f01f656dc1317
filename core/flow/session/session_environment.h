#pragma once

#include <memory>

#include "base/shard_services.h"
#include "session/session_limits.h"

namespace patchbay::access {
class AccessControl;
}
namespace patchbay::base {
class Deferrals;
}
namespace patchbay::distribution {
class FanOut;
class Presence;
}  // namespace patchbay::distribution
namespace patchbay::hooks {
struct HookPoints;
}
namespace patchbay::router {
class DelayedMessages;
class PublishRouter;
class RetainedStore;
class SubscriptionIndex;
class TopicRewrite;
}  // namespace patchbay::router

namespace patchbay::session {

class ChangedMessages;
class CongestionGate;
class GrantedLimits;
class PluginSubscriptions;
class RetainedStoring;
class SessionDirectory;
class SessionRegistry;
class WillPublisher;
struct HookServices;

/// What the session layer of one shard works with. Built by the composition root; everything outlives the sessions.
/// [shard]
struct SessionEnvironment {
  base::ShardServices& shard;
  std::shared_ptr<const SessionLimits> limits;  ///< replaced whole on a reload, by mail
  access::AccessControl& access;
  hooks::HookPoints& hooks;
  base::Deferrals& deferrals;
  router::PublishRouter& router;
  router::SubscriptionIndex& index;
  router::RetainedStore& retained;
  router::DelayedMessages& delayed;
  distribution::Presence& presence;
  distribution::FanOut& fan_out;
  std::shared_ptr<const router::TopicRewrite> rewrite;  ///< null: no rules
  SessionRegistry* registry = nullptr;                  ///< these are set once they are built
  SessionDirectory* directory = nullptr;
  WillPublisher* wills = nullptr;
  CongestionGate* congestion = nullptr;
  HookServices* hook_services = nullptr;  ///< all of the following, for the control plane
  ChangedMessages* changed_messages = nullptr;
  GrantedLimits* granted_limits = nullptr;
  RetainedStoring* retained_storing = nullptr;
  PluginSubscriptions* plugin_subscriptions = nullptr;
};

}  // namespace patchbay::session

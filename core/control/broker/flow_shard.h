#pragma once

#include <memory>

#include "access/access_control.h"
#include "base/deferral.h"
#include "base/epoch.h"
#include "connection/connection_extensions.h"
#include "distribution/exchange.h"
#include "distribution/fan_out.h"
#include "distribution/presence.h"
#include "hooks/hook_points.h"
#include "net/io_shard.h"
#include "router/delayed_messages.h"
#include "router/memory_retained_store.h"
#include "router/publish_router.h"
#include "router/subscription_index.h"
#include "session/congestion_gate.h"
#include "session/hook_services.h"
#include "session/publishing.h"
#include "session/session_environment.h"
#include "session/session_registry.h"
#include "session/session_subscriber.h"
#include "session/will_publisher.h"

namespace patchbay::broker {

/// What all shards of the node share: constant, or safe to read while it changes. Outlives the shards.
struct NodeState {
  NodeState(const router::RouterLimits& router_limits, size_t shards, uint64_t mailbox_high_water, uint64_t seed)
      : limits(router_limits),
        exchange(shards, mailbox_high_water),
        presence(static_cast<base::ShardId>(shards)),
        index(limits, epoch, static_cast<base::ShardId>(shards), seed),
        retained(shards) {}

  const router::RouterLimits limits;
  base::EpochDomain epoch;
  distribution::Exchange exchange;
  distribution::Presence presence;
  router::SubscriptionIndex index;
  router::RetainedDirectory retained;
  router::DelayedTotals delayed;
  access::AccessPoints access;
  hooks::HookPoints hooks;
  connection::ProtocolDirectory protocols;
  const connection::ConnectionExtensions extensions{hooks, protocols};
  base::CompletionRouter completions;
};

/// The flow plane of one shard, from access to distribution, wired. Built before the shard runs; afterwards its parts
/// belong to the shard. [shard]
class FlowShard {
 public:
  FlowShard(net::IoShard& io, NodeState& node, std::shared_ptr<const session::SessionLimits> limits,
            std::shared_ptr<const router::TopicRewrite> rewrite, const access::AccessSettings& access,
            uint32_t maximum_deferrals);
  FlowShard(const FlowShard&) = delete;
  FlowShard& operator=(const FlowShard&) = delete;
  ~FlowShard();

  [[nodiscard]] session::SessionEnvironment& environment() { return environment_; }
  [[nodiscard]] session::SessionRegistry& sessions() { return registry_; }
  /// What is kept, retained or delayed, stays, also above a lower limit. [shard]
  void set_router_limits(const router::RouterLimits& limits) { router_limits_ = limits; }

 private:
  static void end_of_turn(void* self);

  NodeState& node_;
  net::IoShard& io_;
  distribution::FanOut fan_out_;
  base::Deferrals deferrals_;
  access::AccessControl access_;
  router::RouterLimits router_limits_;  ///< a copy of the shard's own: it changes between two turns
  router::MemoryRetainedStore retained_;
  router::PublishRouter router_;
  router::DelayedMessages delayed_;
  session::SessionEnvironment environment_;
  session::WillPublisher wills_;
  session::SessionRegistry registry_;
  session::CongestionGate congestion_;
  session::SessionSubscriber subscriber_;
  session::HookServices hook_services_;
};

}  // namespace patchbay::broker

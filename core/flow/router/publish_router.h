#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/shard_services.h"
#include "distribution/fan_out.h"
#include "distribution/presence.h"
#include "mqtt/application_message.h"
#include "mqtt/passing_message.h"
#include "router/known_route.h"
#include "router/matches.h"
#include "router/member_choice.h"
#include "router/retained_store.h"
#include "router/router_limits.h"
#include "router/subscription_index.h"

namespace patchbay::router {

struct RouteResult {
  /// Sessions that get the message; 0: answer with no_matching_subscribers (0x10).
  size_t receivers = 0;
};

/// Decides who gets a message and sends it on its way. One for each shard. No locks, no allocation in the common case.
/// [shard, in an epoch section]
class PublishRouter {
 public:
  PublishRouter(const RouterLimits& limits, const base::ShardServices& services, SubscriptionIndex& index,
                const distribution::Presence& presence, RetainedStore& retained, distribution::FanOut& fan_out);
  PublishRouter(const PublishRouter&) = delete;
  PublishRouter& operator=(const PublishRouter&) = delete;

  /// Who is asked about shared groups before their strategies; null: nobody. Outlives the router.
  void set_member_advisor(MemberAdvisor* advisor) { choice_.set_advisor(advisor); }

  /// Keeps the message as retained if it asks for that (and `keep` lets it: false when somebody else does that), finds
  /// its subscribers, chooses the members of shared groups, and sends. The topic must be valid and not start with
  /// "$delayed/" (see DelayedMessages). A receiver may keep this very share; where there was none it is still there.
  /// `known`, when given, is where the publisher's last message went, and is brought up to date.
  RouteResult route(mqtt::MessageRef&& message, bool keep = true, KnownRoute* known = nullptr);

  /// The same for a message that passes, where it goes where the publisher's last one went: to one session, at once.
  /// False: nothing has happened, and route() is the way.
  [[nodiscard]] bool pass(const mqtt::PassingMessage& message, const KnownRoute& known) {
    return known.deliveries().size() == 1 && known.is_for(message.topic, index_.generation()) &&
           fan_out_.pass(message, known.deliveries()[0]);
  }

  /// Gives a message whose chosen member could not take it to another member of the group with that tag
  /// (Delivery::shared_group). False where nobody but `failed` is left.
  bool redispatch(const mqtt::MessageRef& message, uint16_t shared_group,
                  std::span<const distribution::SubscriberHandle> failed);

 private:
  void look_up(const mqtt::Message& message, KnownRoute* known);

  const RouterLimits& limits_;
  const base::ShardServices& services_;
  SubscriptionIndex& index_;
  RetainedStore& retained_;
  distribution::FanOut& fan_out_;
  Matches matches_;
  MemberChoice choice_;
};

}  // namespace patchbay::router

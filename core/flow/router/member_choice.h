#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/shard_services.h"
#include "distribution/delivery.h"
#include "distribution/presence.h"
#include "mqtt/application_message.h"
#include "router/member_advisor.h"
#include "router/router_limits.h"

namespace patchbay::router {

class SharedGroup;

/// Chooses the member of a shared group that gets a message, for publishers of one shard. [shard, in an epoch section]
class MemberChoice {
 public:
  MemberChoice(const RouterLimits& limits, const base::ShardServices& services, const distribution::Presence& presence);

  /// Who is asked before the strategy; null: nobody. Outlives this.
  void set_advisor(MemberAdvisor* advisor) { advisor_ = advisor; }

  /// By the advisor, else by the group's strategy: an online member if there is one, else any; never one of `excluded`.
  /// False where the group has no (other) member.
  [[nodiscard]] bool choose(SharedGroup& group, const mqtt::Message& message,
                            std::span<const distribution::SubscriberHandle> excluded, distribution::Delivery& out);

 private:
  struct StickyPick {
    uint64_t group = 0;
    uint64_t publisher = 0;
    distribution::SubscriberHandle member;
  };
  struct Scan;

  [[nodiscard]] bool choose_by(SharedStrategy strategy, SharedGroup& group, const mqtt::Message& message,
                               std::span<const distribution::SubscriberHandle> excluded, distribution::Delivery& out);
  [[nodiscard]] bool choose_in_turn(SharedGroup& group, bool per_group,
                                    std::span<const distribution::SubscriberHandle> excluded,
                                    distribution::Delivery& out);
  [[nodiscard]] bool choose_sticky(SharedGroup& group, const mqtt::Message& message,
                                   std::span<const distribution::SubscriberHandle> excluded,
                                   distribution::Delivery& out);
  [[nodiscard]] bool choose_local(SharedGroup& group, std::span<const distribution::SubscriberHandle> excluded,
                                  distribution::Delivery& out);
  [[nodiscard]] StickyPick& sticky_pick(const SharedGroup& group, const mqtt::Message& message);

  const RouterLimits& limits_;
  const base::ShardServices& services_;
  const distribution::Presence& presence_;
  MemberAdvisor* advisor_ = nullptr;
  std::vector<StickyPick> sticky_picks_;  // a hash table where a newer pick takes the place of an older one
};

}  // namespace patchbay::router

#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "access/access_control.h"
#include "base/clock.h"
#include "base/deferral.h"
#include "base/epoch.h"
#include "base/mailbox.h"
#include "base/random.h"
#include "base/shard_services.h"
#include "distribution/exchange.h"
#include "distribution/fan_out.h"
#include "distribution/presence.h"
#include "hooks/hook_points.h"
#include "router/delayed_messages.h"
#include "router/memory_retained_store.h"
#include "router/publish_router.h"
#include "router/router_limits.h"
#include "router/subscription_index.h"
#include "router/topic_rewrite.h"
#include "session/congestion_gate.h"
#include "session/hook_services.h"
#include "session/publishing.h"
#include "session/session_environment.h"
#include "session/session_registry.h"
#include "session/session_subscriber.h"
#include "session/will_publisher.h"

namespace patchbay::test {

struct FlowOptions {
  size_t shards = 2;
  session::SessionLimits session;
  router::RouterLimits router;
  access::AnonymousPolicy anonymous = access::AnonymousPolicy::always;
  std::vector<router::TopicRewrite::Rule> rewrite;
  uint64_t mailbox_high_water = 100'000;
  uint64_t seed = 1;
};

/// The whole flow plane without sockets: several shards on the test's one thread, a manual clock, seeded randomness.
/// Work on a shard happens in turn(); settle() lets the shards run until no mail is left.
class FlowHarness {
 public:
  explicit FlowHarness(FlowOptions options = {});
  ~FlowHarness();
  FlowHarness(const FlowHarness&) = delete;
  FlowHarness& operator=(const FlowHarness&) = delete;

  /// Runs `work` as a turn of `shard`: epoch section, clock, end of turn.
  void turn(base::ShardId shard, const std::function<void()>& work);
  void settle();
  /// Moves the clock in steps of a tick and fires what is due on every shard.
  void advance_ms(uint64_t duration_ms);

  [[nodiscard]] size_t shard_count() const { return shards_.size(); }
  [[nodiscard]] session::SessionEnvironment& environment(base::ShardId shard);
  [[nodiscard]] uint64_t counted(base::Counter counter) const;
  /// The session of a client id, wherever it lives; null: none.
  [[nodiscard]] session::Session* find_session(std::string_view client_id);

  access::AccessPoints access_points;
  hooks::HookPoints hook_points;
  base::ManualClock clock;
  base::EpochDomain epoch;
  base::CompletionRouter completions;

 private:
  struct Shard;

  FlowOptions options_;
  router::RouterLimits router_limits_;
  distribution::Exchange exchange_;
  distribution::Presence presence_;
  router::SubscriptionIndex index_;
  router::RetainedDirectory retained_;
  router::DelayedTotals delayed_;
  std::vector<std::unique_ptr<Shard>> shards_;
};

}  // namespace patchbay::test

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "admin/client_query.h"
#include "admin/subscription_view.h"

/// How subscriptions and topics are found: session by session, a bounded number of both in each turn of a shard.
/// [control]
namespace patchbay::admin {

/// Looked at in one turn of a shard.
inline constexpr size_t kSubscriptionsPerTurn = 5'000;

/// Which subscriptions a list shows; all that is given must hold. A value.
struct SubscriptionFilter {
  std::optional<std::string> client_id;
  std::optional<std::string> topic;        ///< this filter
  std::optional<std::string> match_topic;  ///< filters that match this topic name, or cover this filter
  std::optional<uint8_t> qos;
  std::optional<std::string> share_group;
  bool nothing = false;

  [[nodiscard]] bool is_empty() const {
    return !client_id && !topic && !match_topic && !qos && !share_group && !nothing;
  }
  [[nodiscard]] bool matches(const session::Subscription& subscription) const;
};

/// One turn's work.
struct SubscriptionSlice {
  std::vector<SubscriptionView> subscriptions;
  uint64_t skipped = 0;
  SessionPlace next;  ///< within this shard
  bool shard_done = false;
};
/// [shard]
[[nodiscard]] SubscriptionSlice look_at_subscriptions(session::SessionEnvironment& environment,
                                                      const SubscriptionFilter& filter, SessionPlace place,
                                                      uint64_t skip, size_t room);

struct SubscriptionPage {
  std::vector<SubscriptionView> subscriptions;
  uint64_t matched = 0;
  bool complete = false;  ///< nothing is behind this page
  bool answered = true;
};
[[nodiscard]] SubscriptionPage find_subscriptions(const plugin_services::ServiceShards& shards,
                                                  const SubscriptionFilter& filter, uint64_t skip, uint64_t limit);

/// Distinct topic filters in the order in which sessions are walked over. Each that was seen is remembered by eight
/// bytes; beyond kTopicsMax the list ends.
inline constexpr size_t kTopicsMax = 1'000'000;
struct TopicPage {
  std::vector<std::string> topics;
  uint64_t seen = 0;
  bool complete = false;
  bool answered = true;
};
[[nodiscard]] TopicPage find_topics(const plugin_services::ServiceShards& shards, const SubscriptionFilter& filter,
                                    uint64_t skip, uint64_t limit);

}  // namespace patchbay::admin

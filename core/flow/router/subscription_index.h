#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "base/epoch.h"
#include "distribution/delivery.h"
#include "mqtt/reason_code.h"
#include "router/matches.h"
#include "router/router_limits.h"

namespace patchbay::router {

class SharedGroup;

/// Who subscribed to what, on the whole node. ONE index for all shards: read without locks while it is being changed.
///
/// Readers are inside a section of the EpochDomain (a shard's turn); writers take a mutex and retire what they unlink.
/// Filters without wildcards sit in a hash table, those with wildcards in a trie, so that a look-up costs levels plus
/// matches and nothing for filters that do not match.
class SubscriptionIndex {
 public:
  struct AddResult {
    /// success; topic_filter_invalid (malformed, or exclusive while that is off); quota_exceeded (another subscriber
    /// holds the exclusive filter, or too many shared groups).
    mqtt::ReasonCode reason = mqtt::ReasonCode::success;
    /// The same subscriber had this very filter before; its options and identifier have been replaced [MQTT-3.8.4-3].
    bool replaced = false;
  };

  /// `seed` makes hashes and random starts unpredictable to clients. `shard_count`: publisher shards that keep cursors.
  SubscriptionIndex(const RouterLimits& limits, base::EpochDomain& epoch, base::ShardId shard_count, uint64_t seed);
  ~SubscriptionIndex();
  SubscriptionIndex(const SubscriptionIndex&) = delete;
  SubscriptionIndex& operator=(const SubscriptionIndex&) = delete;

  /// `topic_filter` as the client sent it, prefix included. `subscription_identifier` 0: none. [any-thread]
  [[nodiscard]] AddResult add(std::string_view topic_filter, distribution::SubscriberHandle subscriber,
                              distribution::SubscriptionOptions options, uint32_t subscription_identifier);
  /// False where there was no such subscription. [any-thread]
  bool remove(std::string_view topic_filter, distribution::SubscriberHandle subscriber);

  /// Another number after each change, and never 0. Who read it before find() and finds it unchanged would find the
  /// same again, but for the choice that shared groups make. [any-thread]
  [[nodiscard]] uint64_t generation() const;
  /// Fills `matches` with the subscribers and groups of all filters that match `topic_name`. [shard, in an epoch
  /// section]
  void find(std::string_view topic_name, Matches& matches) const;
  /// The group of a shared filter ("$share/…" or "$queue/…"), or null. [shard, in an epoch section]
  [[nodiscard]] SharedGroup* find_group(std::string_view shared_filter) const;

  /// Replaces the default and the exceptions by group name; groups that exist follow. [control]
  void set_shared_strategies(SharedStrategy strategy,
                             const std::map<std::string, SharedStrategy, std::less<>>& by_group_name);
  /// [control]
  void set_exclusive_available(bool available);

  /// Distinct filters, subscriptions (shared and exclusive included) and groups. [any-thread]
  [[nodiscard]] uint64_t filter_count() const;
  [[nodiscard]] uint64_t subscription_count() const;
  [[nodiscard]] uint64_t group_count() const;

 private:
  class Writer;
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace patchbay::router

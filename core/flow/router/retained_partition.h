#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/shard_services.h"
#include "mqtt/application_message.h"
#include "router/retained_store.h"
#include "router/router_limits.h"
#include "topic/topic_tree.h"

namespace patchbay::router {

/// What all partitions together hold, so that limits are the node's. [any-thread]
struct RetainedTotals {
  std::atomic<uint64_t> messages{0};
  std::atomic<uint64_t> bytes{0};
  std::atomic<uint64_t> on_the_way{0};  ///< messages posted to their owner, which has not taken them in yet
};

/// The retained messages whose topics belong to one shard. [owner shard]
class RetainedPartition {
 public:
  RetainedPartition(const RouterLimits& limits, const base::ShardServices& services, RetainedTotals& totals);
  RetainedPartition(const RetainedPartition&) = delete;
  RetainedPartition& operator=(const RetainedPartition&) = delete;
  ~RetainedPartition();

  void set(const mqtt::MessageRef& message);
  void clear(std::string_view topic_name);
  /// Appends up to `maximum_messages` that match, beginning at page.next.resume_at, and leaves in page.next where to go
  /// on; page.next.done means: nothing more in this partition.
  void fill_page(std::string_view filter, size_t maximum_messages, RetainedPage& page);

  [[nodiscard]] size_t size() const { return tree_.size(); }

 private:
  struct Kept {
    mqtt::MessageRef message;
    int64_t expires_at_ms = kNever;  // steady clock
  };
  struct TopicOf {
    std::string_view operator()(const Kept& kept) const { return kept.message->topic(); }
  };
  static constexpr int64_t kNever = INT64_MAX;

  [[nodiscard]] int64_t expiry_of(const mqtt::Message& message) const;
  /// Counts `kept` in, unless that passes a limit.
  [[nodiscard]] bool reserve(const Kept& kept);
  /// Counts out what has been taken from the tree.
  void release(const Kept& kept);
  void sweep();

  const RouterLimits& limits_;
  const base::ShardServices& services_;
  RetainedTotals& totals_;
  topic::TopicTree<Kept, TopicOf> tree_;
  std::string sweep_at_;  // where the next sweep begins
  uint64_t bytes_ = 0;
  size_t expiring_ = 0;  // messages that may expire; no sweeping without them
  base::Timer sweep_timer_;
};

}  // namespace patchbay::router

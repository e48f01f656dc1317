#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/shard_services.h"
#include "mqtt/application_message.h"
#include "mqtt/reason_code.h"
#include "router/router_limits.h"

namespace patchbay::router {

/// What all shards together hold back, so that limits are the node's. [any-thread]
struct DelayedTotals {
  std::atomic<uint64_t> messages{0};
  std::atomic<uint64_t> bytes{0};
};

/// Messages published to "$delayed/{seconds}/{topic}": held back on the publisher's shard, then published to {topic}.
/// [shard]
class DelayedMessages {
 public:
  /// Publishes a message whose time has come: PublishRouter::route behind whatever else the node wants to happen.
  using Publish = std::function<void(const mqtt::MessageRef&)>;

  /// One message that waits.
  struct Waiting {
    uint64_t id = 0;
    int64_t due_at_ms = 0;  ///< steady clock
    uint32_t delay_s = 0;
    mqtt::MessageRef message;  ///< under its "$delayed/…" topic
  };

  DelayedMessages(const RouterLimits& limits, const base::ShardServices& services, DelayedTotals& totals,
                  Publish publish);
  DelayedMessages(const DelayedMessages&) = delete;
  DelayedMessages& operator=(const DelayedMessages&) = delete;
  ~DelayedMessages();

  /// Takes responsibility for a message whose topic starts with "$delayed/". success; topic_name_invalid where the
  /// topic is malformed or the feature is off; quota_exceeded at a limit. When the message is published, its topic is
  /// {topic}, its expiry interval starts anew, and it is retained if it asked for that.
  [[nodiscard]] mqtt::ReasonCode accept(const mqtt::MessageRef& message);

  [[nodiscard]] size_t size() const { return waiting_.size(); }
  /// Up to `maximum` that wait, in the order of their times, from the first after `after` (the last one of the page
  /// before; nothing: from the start).
  [[nodiscard]] std::vector<Waiting> list(size_t maximum, const Waiting* after = nullptr) const;
  [[nodiscard]] std::optional<Waiting> find(uint64_t id) const;
  /// False where no such message waits.
  bool cancel(uint64_t id);
  /// Drops all for this {topic}; returns how many.
  size_t cancel_topic(std::string_view topic_name);
  void clear();

 private:
  using Key = std::pair<int64_t, uint64_t>;  // due time, id
  struct Held {
    uint32_t delay_s;
    mqtt::MessageRef message;
  };
  using Queue = std::map<Key, Held>;

  [[nodiscard]] bool reserve(const mqtt::Message& message);
  [[nodiscard]] Queue::const_iterator position_of(uint64_t id) const;
  Queue::iterator drop(Queue::iterator held);
  void arm();
  void fire();

  const RouterLimits& limits_;
  const base::ShardServices& services_;
  DelayedTotals& totals_;
  Publish publish_;
  Queue waiting_;
  uint64_t next_id_ = 1;
  base::Timer timer_;
};

}  // namespace patchbay::router

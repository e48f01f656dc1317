#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/shard.h"
#include "mqtt/application_message.h"

namespace patchbay::router {

/// Where a look-up of retained messages goes on. Plain data; may be kept as long as one likes, since the store may
/// change in between.
struct RetainedCursor {
  bool done = false;
  base::ShardId partition = 0;
  std::string resume_at;  ///< the topic to look at next; empty: the partition's first
};

/// Some retained messages that match; possibly none although more follow, since a page also ends when it has looked at
/// RouterLimits::maximum_retained_page_steps topics.
struct RetainedPage {
  std::vector<mqtt::MessageRef> messages;
  RetainedCursor next;
};

/// Role: the last retained message of every topic, as one shard sees it. In memory here, on disk by plugin. [shard]
class RetainedStore {
 public:
  using PageReply = std::function<void(RetainedPage&&)>;

  virtual ~RetainedStore() = default;

  /// Keeps `message` as its topic's retained message [MQTT-3.3.1-5]; an empty payload removes the one that is there
  /// [MQTT-3.3.1-6] and keeps nothing [MQTT-3.3.1-7]. Beyond a limit the message is counted and not kept.
  virtual void set(const mqtt::MessageRef& message) = 0;
  /// Removes the topic's retained message, if any.
  virtual void clear(std::string_view topic_name) = 0;

  /// Begins a look-up of everything that matches `filter` (without "$share/…"); `done` at once where nothing can match.
  [[nodiscard]] virtual RetainedCursor begin(std::string_view filter) const = 0;
  /// Asks for the next messages. `reply` is called once on this shard, in a later turn, never from within this call; it
  /// must itself find out whether the asker is still there. Ask again with page.next until that is done.
  virtual void request_page(std::string_view filter, const RetainedCursor& cursor, size_t maximum_messages,
                            PageReply reply) = 0;

  /// On the whole node. [any-thread]
  [[nodiscard]] virtual uint64_t message_count() const = 0;
  [[nodiscard]] virtual uint64_t byte_count() const = 0;
};

}  // namespace patchbay::router

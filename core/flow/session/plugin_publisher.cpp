#include "session/plugin_publisher.h"

#include <algorithm>
#include <iterator>

#include "base/assert.h"
#include "base/mailbox.h"
#include "base/utf8.h"
#include "distribution/fan_out.h"
#include "hooks/hook_points.h"
#include "session/message_origin.h"
#include "session/publishing.h"
#include "topic/topic_name.h"

namespace patchbay::session {

using base::Counter;
using mqtt::MessageFlags;

PluginPublishStatus PluginPublisher::publish_from_plugin(const mqtt::MessageFields& fields, uint64_t origin,
                                                         uint16_t depth) {
  PATCHBAY_ASSERT(origin != 0);
  const SessionLimits& limits = *environment_.limits;
  if (!base::is_clean_utf8(fields.topic) ||
      !topic::is_valid_topic_name(fields.topic, {limits.maximum_topic_size, limits.maximum_topic_levels}))
    return PluginPublishStatus::topic_name_invalid;
  const auto own_depth = static_cast<uint16_t>(std::max(depth, current_depth_) + 1);
  if (own_depth > kMaximumDepth) {
    environment_.shard.count(Counter::messages_dropped_plugin_depth);
    environment_.shard.count(Counter::messages_dropped);
    return PluginPublishStatus::too_deep;
  }
  if (waiting() >= kMaximumQueued || queued_bytes_ + fields.payload.size() > kMaximumQueuedBytes) {
    environment_.shard.count(Counter::messages_dropped_plugin_queue);
    environment_.shard.count(Counter::messages_dropped);
    return PluginPublishStatus::queue_full;
  }
  mqtt::MessageFields own = fields;
  own.flags = MessageFlags::with_plugin_depth(own_depth);
  own.publisher_handle = origin;
  own.publisher_client_id = {};
  own.received_at_ms = static_cast<int64_t>(environment_.shard.now_ms);
  own.received_at_unix_ms = static_cast<int64_t>(environment_.shard.now_unix_ms);
  queue_.push_back(mqtt::Message::create(own));
  queued_bytes_ += queue_.back()->memory_size();
  if (queue_.size() == 1) {
    environment_.fan_out.post(environment_.shard.id, base::make_task([this] { drain(); }));
  }
  return PluginPublishStatus::accepted;
}

void PluginPublisher::drain() {
  // What hooks publish meanwhile comes in a mail of its own, behind what else the shard has to do.
  const std::vector<mqtt::MessageRef> messages = std::exchange(queue_, {});
  queued_bytes_ = 0;
  for (const mqtt::MessageRef& message : messages) {
    current_depth_ = message->plugin_depth();
    accept(message);
  }
  current_depth_ = 0;
}

void PluginPublisher::accept(const mqtt::MessageRef& message) {
  if (environment_.hooks.publish_accept.empty()) return route(message);
  Asked& asked = asked_.emplace_back(*this, message);
  asked.place = std::prev(asked_.end());
  hooks::PublishAcceptEvent event;
  event.message = message;
  if (hooks::run(environment_.hooks.publish_accept, environment_.deferrals, event, asked.acceptance))
    on_accepted(asked, event);
}

void PluginPublisher::Asked::accepted(void* self, hooks::PublishAcceptEvent& event) {
  auto& asked = *static_cast<Asked*>(self);
  PluginPublisher& publisher = asked.owner;
  publisher.current_depth_ = asked.message->plugin_depth();
  publisher.on_accepted(asked, event);
  publisher.current_depth_ = 0;
}

void PluginPublisher::on_accepted(Asked& asked, hooks::PublishAcceptEvent& event) {
  mqtt::MessageRef message = std::move(asked.message);
  asked_.erase(asked.place);
  bool publishes = event.outcome == hooks::PublishAcceptEvent::Outcome::proceed;
  if (publishes && event.replaced) {
    message = with_origin_of(*message, std::move(event.message));
    const SessionLimits& limits = *environment_.limits;
    publishes = topic::is_valid_topic_name(message->topic(), {limits.maximum_topic_size, limits.maximum_topic_levels});
  }
  if (publishes) return route(message);
  environment_.shard.count(Counter::messages_dropped_hook);
  environment_.shard.count(Counter::messages_dropped);
}

void PluginPublisher::route(const mqtt::MessageRef& message) {
  static_cast<void>(publish_message(environment_, mqtt::MessageRef(message)));
}

}  // namespace patchbay::session

#include "session/will_publisher.h"

#include <utility>

#include "hooks/hook_points.h"
#include "session/message_origin.h"
#include "session/publishing.h"
#include "topic/topic_name.h"

namespace patchbay::session {

using base::Counter;

void WillPublisher::publish(Will will) {
  if (!will.message) return;
  const base::ShardServices& shard = environment_.shard;
  will.message = received_now(*will.message, shard.now_ms, shard.now_unix_ms);  // its expiry counts from here
  asked_.emplace_back(*this, std::move(will));
  Asked& asked = asked_.back();
  asked.place = std::prev(asked_.end());
  asked.authorize();
}

/// May the client, which is gone, publish it? A delayed topic is asked about by the topic that it will have.
void WillPublisher::Asked::authorize() {
  SessionEnvironment& environment = publisher.environment_;
  const SessionLimits& limits = *environment.limits;
  std::string_view topic = will.message->topic();
  bool valid = topic::is_valid_topic_name(topic, {limits.maximum_topic_size, limits.maximum_topic_levels});
  if (valid && topic::is_delayed_topic(topic)) {
    const auto delayed = topic::parse_delayed_topic(topic);
    valid = delayed.has_value();
    if (delayed) topic = delayed->topic;
  }
  if (!valid) return authorized(this, access::AuthorizeResult::deny(mqtt::ReasonCode::topic_name_invalid));
  const auto result = environment.access.authorize_publish(*will.client, topic, will.message->qos(),
                                                           will.message->retain(), authorization);
  if (result) authorized(this, *result);
}

void WillPublisher::Asked::authorized(void* self, access::AuthorizeResult result) {
  auto& asked = *static_cast<Asked*>(self);
  SessionEnvironment& environment = asked.publisher.environment_;
  if (!result.allowed) {
    environment.shard.count(Counter::packets_publish_auth_error);
    return asked.publisher.forget(asked);
  }
  if (asked.offered || environment.hooks.will_publish.empty()) return asked.publisher.conclude(asked);
  asked.offered = true;
  hooks::WillPublishEvent event;
  event.client = asked.will.client.get();
  event.message = asked.will.message;
  if (hooks::run(environment.hooks.will_publish, environment.deferrals, event, asked.acceptance)) accepted(self, event);
}

void WillPublisher::Asked::accepted(void* self, hooks::WillPublishEvent& event) {
  auto& asked = *static_cast<Asked*>(self);
  SessionEnvironment& environment = asked.publisher.environment_;
  if (event.drop) {
    environment.shard.count(Counter::messages_dropped_hook);
    environment.shard.count(Counter::messages_dropped);
    return asked.publisher.forget(asked);
  }
  if (!event.replaced) return asked.publisher.conclude(asked);
  asked.will.message = with_origin_of(*asked.will.message, std::move(event.message));
  asked.authorize();  // what a hook made of it must be allowed too
}

void WillPublisher::conclude(Asked& asked) {
  mqtt::MessageRef message = std::move(asked.will.message);
  const access::ClientInfoRef client = std::move(asked.will.client);
  forget(asked);
  environment_.shard.count(Counter::will_published);
  static_cast<void>(publish_message(environment_, std::move(message), client));
}

void WillPublisher::forget(Asked& asked) {
  asked_.erase(asked.place);
}

}  // namespace patchbay::session

#include "session/will_publisher.h"

#include <utility>

#include "router/delayed_messages.h"
#include "router/publish_router.h"
#include "topic/topic_name.h"

namespace patchbay::session {

using base::Counter;

Published publish_message(SessionEnvironment& environment, const mqtt::MessageRef& message) {
  if (topic::is_delayed_topic(message->topic())) {
    const mqtt::ReasonCode reason = environment.delayed.accept(message);
    return {mqtt::is_failure(reason) ? size_t{0} : size_t{1}, reason};
  }
  const router::RouteResult result = environment.router.route(message);
  if (result.receivers == 0) {
    environment.shard.count(Counter::messages_dropped_no_subscribers);
    environment.shard.count(Counter::messages_dropped);
  }
  return {result.receivers, mqtt::ReasonCode::success};
}

void WillPublisher::publish(Will will) {
  if (!will.message) return;
  asked_.emplace_back(*this, std::move(will));
  Asked& asked = asked_.back();
  asked.place = std::prev(asked_.end());
  const mqtt::Message& message = *asked.will.message;
  const auto result = environment_.access.authorize_publish(*asked.will.client, message.topic(), message.qos(),
                                                            message.retain(), asked.pending);
  if (!result) return;
  const Will ready = std::move(asked.will);
  asked_.pop_back();
  conclude(ready, *result);
}

void WillPublisher::Asked::answered(void* self, access::AuthorizeResult result) {
  auto& asked = *static_cast<Asked*>(self);
  WillPublisher& publisher = asked.publisher;
  const Will ready = std::move(asked.will);
  publisher.asked_.erase(asked.place);
  publisher.conclude(ready, result);
}

void WillPublisher::conclude(const Will& will, const access::AuthorizeResult& result) {
  if (!result.allowed) {
    environment_.shard.count(Counter::packets_publish_auth_error);
    return;
  }
  environment_.shard.count(Counter::will_published);
  static_cast<void>(publish_message(environment_, will.message));
}

}  // namespace patchbay::session

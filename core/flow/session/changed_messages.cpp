#include "session/changed_messages.h"

#include <utility>

#include "distribution/subscriber_handle.h"
#include "session/session.h"
#include "topic/topic_name.h"

namespace patchbay::session {

using base::Counter;
using mqtt::MessageFlags;

namespace {

/// What access control is to be asked about: the topic itself, or for a delayed one the topic that it will have.
/// Nothing where it is malformed.
[[nodiscard]] std::optional<std::string_view> topic_to_ask(std::string_view topic, const SessionLimits& limits) {
  if (!topic::is_valid_topic_name(topic, {limits.maximum_topic_size, limits.maximum_topic_levels}))
    return std::nullopt;  // [MQTT-3.3.2-2]
  if (!topic::is_delayed_topic(topic)) return topic;
  const auto delayed = topic::parse_delayed_topic(topic);
  return delayed ? std::optional(delayed->topic) : std::nullopt;
}

}  // namespace

std::optional<bool> ChangedMessages::ask(access::ClientInfoRef client, const mqtt::MessageRef& message, Later later) {
  const auto topic = topic_to_ask(message->topic(), *environment_.limits);
  if (!topic) return false;
  if (client == nullptr) {
    if ((message->flags() & (MessageFlags::from_plugin | MessageFlags::system | MessageFlags::from_node)) != 0)
      return true;
    const Session* session = environment_.directory->find(distribution::SubscriberHandle(message->publisher_handle()));
    if (session == nullptr) return false;
    client = session->client_ref();
  }
  Asked& asked = asked_.emplace_back(*this);
  asked.place = std::prev(asked_.end());
  asked.client = std::move(client);
  asked.message = message;
  const auto result = environment_.access.authorize_publish(*asked.client, *topic, message->qos(), message->retain(),
                                                            asked.authorization);
  if (!result) {
    asked.later = std::move(later);
    return std::nullopt;
  }
  const bool allowed = result->allowed;
  asked_.erase(asked.place);
  if (!allowed) environment_.shard.count(Counter::packets_publish_auth_error);
  return allowed;
}

void ChangedMessages::Asked::authorized(void* self, access::AuthorizeResult result) {
  auto& asked = *static_cast<Asked*>(self);
  SessionEnvironment& environment = asked.owner.environment_;
  const Later later = std::move(asked.later);
  const mqtt::MessageRef message = std::move(asked.message);
  asked.owner.asked_.erase(asked.place);  // `asked` ends here
  if (!result.allowed) environment.shard.count(Counter::packets_publish_auth_error);
  later(message, result.allowed);
}

}  // namespace patchbay::session

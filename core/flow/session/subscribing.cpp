#include "session/subscribing.h"

#include <utility>

#include "distribution/presence.h"
#include "router/subscription_index.h"
#include "topic/topic_filter.h"

namespace patchbay::session {

using base::Counter;

namespace {

[[nodiscard]] bool is_shared(std::string_view topic_filter) {
  const auto parsed = topic::parse_filter(topic_filter);
  return parsed && parsed->kind == topic::FilterKind::shared;
}

[[nodiscard]] bool wants_retained(const Subscription& subscription, bool is_new) {
  switch (subscription.options.retain_handling) {
    case 0:
      return true;  // [MQTT-3.3.1-9]
    case 1:
      return is_new;  // [MQTT-3.3.1-10]
    default:
      return false;  // [MQTT-3.3.1-11]
  }
}

}  // namespace

SubscribeOutcome add_subscription(SessionEnvironment& environment, Session& session, Subscription subscription) {
  const auto added = environment.index.add(subscription.topic_filter, session.handle(), subscription.options,
                                           subscription.subscription_identifier);
  if (mqtt::is_failure(added.reason)) return {added.reason, false};
  const bool is_new = !added.replaced;
  const bool shared = is_shared(subscription.topic_filter);
  if (is_new) {
    environment.shard.count(Counter::subscriptions);
    if (shared) environment.shard.count(Counter::subscriptions_shared);
    if (shared) environment.presence.names().set(session.handle(), session.client_id(), *environment.shard.epoch);
  }
  if (!shared && wants_retained(subscription, is_new))
    session.begin_retained(subscription);  // none for shared ones [4.8.2]
  const auto granted = static_cast<mqtt::ReasonCode>(subscription.options.maximum_qos);
  session.keep_subscription(std::move(subscription));
  return {granted, is_new};
}

bool remove_subscription(SessionEnvironment& environment, Session& session, std::string_view topic_filter) {
  const Subscription* known = session.find_subscription(topic_filter);
  if (known == nullptr) return false;
  session.cancel_retained(topic_filter);
  environment.index.remove(topic_filter, session.handle());
  environment.shard.counters->subtract(Counter::subscriptions);
  if (is_shared(topic_filter)) environment.shard.counters->subtract(Counter::subscriptions_shared);
  return session.forget_subscription(topic_filter);
}

}  // namespace patchbay::session

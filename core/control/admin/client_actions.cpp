#include "admin/client_actions.h"

#include <memory>
#include <utility>

#include "access/permission_set.h"
#include "hooks/dispatch.h"
#include "hooks/hook_points.h"
#include "router/topic_rewrite.h"
#include "session/session_registry.h"
#include "session/subscribing.h"
#include "topic/topic_filter.h"

namespace patchbay::admin {

using mqtt::ReasonCode;

namespace {

std::string rewritten(const session::SessionEnvironment& environment, const session::Session& session,
                      const std::string& topic_filter) {
  if (!environment.rewrite) return topic_filter;
  const access::ClientInfo& client = session.client();
  return environment.rewrite->subscribe_filter(topic_filter, client.client_id(), client.username())
      .value_or(topic_filter);
}

/// The checks of a SUBSCRIBE but access control.
ReasonCode refusal(const session::SessionEnvironment& environment, session::Session& session,
                   const WantedSubscription& wanted) {
  const session::SessionLimits& limits = *environment.limits;
  const auto parsed =
      topic::parse_filter(wanted.topic_filter, {limits.maximum_topic_size, limits.maximum_topic_levels});
  if (!parsed) return ReasonCode::topic_filter_invalid;
  if (parsed->has_wildcard && !limits.wildcard_subscription_available)
    return ReasonCode::wildcard_subscriptions_not_supported;
  const bool shared = parsed->kind == topic::FilterKind::shared;
  if (shared && !limits.shared_subscription_available) return ReasonCode::shared_subscriptions_not_supported;
  if (shared && wanted.options.no_local) return ReasonCode::protocol_error;  // [MQTT-3.8.3-4]
  const bool is_full = session.subscriptions().size() >= limits.maximum_subscriptions;
  if (is_full && session.find_subscription(wanted.topic_filter) == nullptr) return ReasonCode::quota_exceeded;
  return ReasonCode::success;
}

}  // namespace

bool kick_client(session::SessionEnvironment& environment, const std::string& client_id) {
  session::SessionRegistry& registry = *environment.registry;
  session::Session* session = registry.find(client_id);
  if (session == nullptr) return false;
  if (session->channel() != nullptr) session->channel()->disconnect(ReasonCode::administrative_action);
  session = registry.find(client_id);  // one that does not outlive its connection is gone
  if (session != nullptr && session->channel() == nullptr) registry.end(*session, "kicked");
  return true;
}

SubscribedClient subscribe_client(session::SessionEnvironment& environment, const std::string& client_id,
                                  const WantedSubscription& wanted) {
  SubscribedClient outcome;
  session::Session* session = environment.registry->find(client_id);
  if (session == nullptr) return outcome;
  outcome.client_found = true;
  WantedSubscription asked = wanted;
  asked.topic_filter = rewritten(environment, *session, wanted.topic_filter);
  outcome.reason = refusal(environment, *session, asked);
  if (outcome.reason != ReasonCode::success) return outcome;
  const mqtt::Qos granted =
      mqtt::lower_qos(static_cast<mqtt::Qos>(asked.options.maximum_qos), environment.limits->maximum_qos);
  asked.options.maximum_qos = static_cast<uint8_t>(granted);
  // One that the client has made stays recognizable to it: STOMP's have no other name.
  const session::Subscription* before = session->find_subscription(asked.topic_filter);
  const uint32_t identifier = before == nullptr ? 0 : before->subscription_identifier;
  const session::SubscribeOutcome entered =
      session::add_subscription(environment, *session, {asked.topic_filter, asked.options, identifier});
  hooks::observe(environment.hooks.subscribe_done,
                 {&session->client(), asked.topic_filter, granted, entered.reason, entered.is_new});
  if (mqtt::is_failure(entered.reason)) outcome.reason = entered.reason;
  outcome.subscription = {client_id, asked.topic_filter, asked.options};
  return outcome;
}

bool unsubscribe_client(session::SessionEnvironment& environment, const std::string& client_id,
                        const std::string& topic_filter) {
  session::Session* session = environment.registry->find(client_id);
  if (session == nullptr) return false;
  // What is listed is what rewriting made of it; both names reach the subscription.
  const std::string filter = session->find_subscription(topic_filter) != nullptr
                                 ? topic_filter
                                 : rewritten(environment, *session, topic_filter);
  if (session::remove_subscription(environment, *session, filter))
    hooks::observe(environment.hooks.unsubscribe_done, {&session->client(), filter});
  return true;
}

bool set_client_keep_alive(session::SessionEnvironment& environment, const std::string& client_id,
                           uint16_t keep_alive_s) {
  session::Session* session = environment.registry->find(client_id);
  if (session == nullptr || session->channel() == nullptr) return false;
  const access::ClientInfo& before = session->client();
  access::ClientInfoFields fields = before.fields();
  fields.keep_alive_s = keep_alive_s;
  std::unique_ptr<const access::PermissionSet> permissions;
  if (before.permissions() != nullptr) permissions = std::make_unique<access::PermissionSet>(*before.permissions());
  const auto changed =
      access::ClientInfo::create(fields, std::move(permissions), before.attributes(), before.expires_at_unix_ms());
  session->channel()->client_changed(changed);
  session->set_client(changed);
  session->channel()->set_keep_alive(keep_alive_s);
  return true;
}

}  // namespace patchbay::admin

#include "session/publishing.h"

#include <utility>

#include "hooks/dispatch.h"
#include "hooks/hook_points.h"
#include "router/delayed_messages.h"
#include "router/publish_router.h"
#include "session/changed_messages.h"
#include "session/retained_storing.h"
#include "topic/topic_name.h"

namespace patchbay::session {

namespace {

[[nodiscard]] mqtt::MessageRef with_topic(const mqtt::Message& message, std::string_view topic) {
  mqtt::MessageFields fields = message.fields();
  fields.topic = topic;
  fields.retain = false;  // under its own topic it has been kept already
  return mqtt::Message::create(fields);
}

}  // namespace

size_t retry_unrouted(SessionEnvironment& environment, const mqtt::MessageRef& message,
                      const access::ClientInfoRef& client) {
  const auto& point = environment.hooks.publish_unrouted;
  hooks::PublishUnroutedEvent event;
  event.client = client.get();
  event.message = message;
  hooks::transform(point, environment.deferrals, event);
  base::observe_chain(point, event);
  if (!event.replaced || topic::is_delayed_topic(event.topic)) return 0;
  mqtt::MessageRef again = with_topic(*message, event.topic);
  // Not by way of publish_message(): what nobody gets now either is not offered again.
  const auto allowed =
      environment.changed_messages->ask(client, again, [&environment](const mqtt::MessageRef& authorized, bool may) {
        if (may) static_cast<void>(environment.router.route(mqtt::MessageRef(authorized)));
      });
  return allowed.value_or(false) ? environment.router.route(std::move(again)).receivers : 0;
}

namespace {

/// publish_message() where somebody has to be asked or told.
Published publish_watched(SessionEnvironment& environment, const mqtt::MessageRef& message,
                          const access::ClientInfoRef& client) {
  bool keep = true;
  if (message->retain() && !environment.hooks.retain_store.empty()) {
    environment.retained_storing->offer(message, client);
    keep = false;
  }
  size_t receivers = environment.router.route(mqtt::MessageRef(message), keep).receivers;
  if (receivers == 0 && !environment.hooks.publish_unrouted.empty())
    receivers = retry_unrouted(environment, message, client);
  if (!environment.hooks.publish_routed.empty()) {
    hooks::observe(environment.hooks.publish_routed, {client.get(), message.get(), static_cast<uint32_t>(receivers)});
  }
  return {receivers, mqtt::ReasonCode::success};
}

}  // namespace

Published publish_message(SessionEnvironment& environment, mqtt::MessageRef&& message,
                          const access::ClientInfoRef& client, router::KnownRoute* known) {
  if (topic::is_delayed_topic(message->topic())) {
    const mqtt::ReasonCode reason = environment.delayed.accept(message);
    return {mqtt::is_failure(reason) ? size_t{0} : size_t{1}, reason};
  }
  const hooks::HookPoints& points = environment.hooks;
  if (message->retain() || !points.publish_routed.empty() || !points.publish_unrouted.empty())
    return publish_watched(environment, message, client);
  return {environment.router.route(std::move(message), true, known).receivers, mqtt::ReasonCode::success};
}

}  // namespace patchbay::session

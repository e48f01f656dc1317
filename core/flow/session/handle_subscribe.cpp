// SUBSCRIBE (MQTT 5.0 section 3.8): for each filter rewrite -> validate -> may it? -> enter it into the index -> its
// reason code. Any step may have to wait for an answer; the others of the packet wait behind it, so that one SUBACK
// answers all [MQTT-3.8.4-5], [MQTT-3.8.4-6].

#include <algorithm>
#include <utility>

#include "hooks/dispatch.h"
#include "hooks/hook_points.h"
#include "mqtt/codec/decoder.h"
#include "router/topic_rewrite.h"
#include "session/mqtt_machine.h"
#include "session/mqtt_progress.h"
#include "session/sendable_reason.h"
#include "session/session.h"
#include "session/subscribing.h"
#include "topic/topic_filter.h"

namespace patchbay::session {

using base::Counter;
using mqtt::Qos;
using mqtt::ReasonCode;

void MqttMachine::handle_subscribe(uint8_t first_byte, Body body) {
  const auto decoded = mqtt::decode_subscribe(first_byte, body, version_);
  if (!decoded) return refuse(decoded.error());
  environment_.shard.count(Counter::packets_subscribe_received);
  auto progress = std::make_unique<SubscribeProgress>(*this);
  progress->packet_id = decoded->packet_id;
  progress->subscription_identifier = decoded->properties.subscription_identifier;
  mqtt::SubscriptionRequest request;
  for (mqtt::SubscriptionReader reader = decoded->subscriptions.read(); reader.next(request);) {
    if (request.options.no_local && mqtt::is_shared_filter(request.topic_filter)) {
      return refuse(ReasonCode::protocol_error, "MQTT-3.8.3-4");  // [MQTT-3.8.3-4]
    }
    distribution::SubscriptionOptions options;
    options.maximum_qos = static_cast<uint8_t>(request.options.maximum_qos);
    // Not for shared ones: the group would lose the message when it falls to its publisher.
    options.no_local = request.options.no_local || (!is_v5() && environment_.limits->ignore_loop_deliver &&
                                                    !mqtt::is_shared_filter(request.topic_filter));
    options.retain_as_published = request.options.retain_as_published || is_bridge_;  // bridges pass the flag on
    options.retain_handling = static_cast<uint8_t>(request.options.retain_handling);
    progress->requests.push_back({std::string(request.topic_filter), options, false});
  }
  parts().subscribe = std::move(progress);
  parts_->subscribe->run();
}

void SubscribeProgress::run() {
  running = true;
  while (next < requests.size()) {
    Request& request = requests[next];
    if (machine.environment_.rewrite && !request.added) {
      const auto rewritten = machine.environment_.rewrite->subscribe_filter(
          request.topic_filter, machine.client_->client_id(), machine.client_->username());
      if (rewritten) request.topic_filter = *rewritten;
    }
    if (!rewrite(request)) break;
  }
  running = false;
  if (next == requests.size()) finish();
}

// Each step calls the next one; false: the packet waits for an answer.
// -------------------------------------------------------------------------

bool SubscribeProgress::rewrite(Request& request) {
  const auto& point = machine.environment_.hooks.subscribe_rewrite;
  if (point.empty() || request.added) return check(request);  // what an entry added is not offered again
  hooks::SubscribeRewriteEvent event;
  event.client = machine.client_.get();
  event.topic_filter = request.topic_filter;
  event.qos = static_cast<Qos>(request.options.maximum_qos);
  event.no_local = request.options.no_local;
  event.retain_as_published = request.options.retain_as_published;
  event.retain_handling = request.options.retain_handling;
  if (!hooks::run(point, machine.environment_.deferrals, event, rewriting)) {
    machine.wait_for_answer();
    return false;
  }
  rewritten(this, event);
  return true;
}

void SubscribeProgress::rewritten(void* self, hooks::SubscribeRewriteEvent& event) {
  auto& progress = *static_cast<SubscribeProgress*>(self);
  const bool deferred = !progress.running;
  if (deferred) progress.machine.answer_came();
  bool go_on = true;
  if (event.denied) {
    progress.decide(event.reason);
  } else {
    progress.take_rewrite(event);
    go_on = progress.check(progress.requests[progress.next]);
  }
  if (deferred && go_on) progress.run();
}

namespace {

distribution::SubscriptionOptions options_of(mqtt::Qos maximum_qos, bool no_local, bool retain_as_published,
                                             uint8_t retain_handling, std::string_view topic_filter) {
  distribution::SubscriptionOptions options;
  options.maximum_qos = static_cast<uint8_t>(maximum_qos);
  options.no_local = no_local && !mqtt::is_shared_filter(topic_filter);  // [MQTT-3.8.3-4] holds for entries, too
  options.retain_as_published = retain_as_published;
  options.retain_handling = retain_handling;
  return options;
}

}  // namespace

void SubscribeProgress::take_rewrite(hooks::SubscribeRewriteEvent& event) {
  if (event.replaced) {
    Request& request = requests[next];
    request.topic_filter = event.topic_filter;
    request.options =
        options_of(event.qos, event.no_local, event.retain_as_published, event.retain_handling, event.topic_filter);
  }
  for (hooks::RequestedSubscription& more : event.added) {
    const auto options =
        options_of(more.maximum_qos, more.no_local, more.retain_as_published, more.retain_handling, more.topic_filter);
    requests.push_back({std::move(more.topic_filter), options, true});
  }
}

topic::TopicLimits SubscribeProgress::topic_limits() const {
  const SessionLimits& limits = *machine.environment_.limits;
  return {limits.maximum_topic_size, limits.maximum_topic_levels};
}

bool SubscribeProgress::check(const Request& request) {
  const SessionLimits& limits = *machine.environment_.limits;
  const auto parsed = topic::parse_filter(request.topic_filter, topic_limits());
  ReasonCode refused = ReasonCode::success;
  if (!parsed) {
    refused = ReasonCode::topic_filter_invalid;  // [MQTT-4.7.1-1], [MQTT-4.7.1-2], [MQTT-4.8.2-1], [MQTT-4.8.2-2]
  } else if (parsed->has_wildcard && !limits.wildcard_subscription_available) {
    refused = ReasonCode::wildcard_subscriptions_not_supported;
  } else if (parsed->kind == topic::FilterKind::shared && !limits.shared_subscription_available) {
    refused = ReasonCode::shared_subscriptions_not_supported;
  } else if (machine.session_->subscriptions().size() >= limits.maximum_subscriptions &&
             machine.session_->find_subscription(request.topic_filter) == nullptr) {
    refused = ReasonCode::quota_exceeded;
  }
  if (refused == ReasonCode::success) return authorize(request);
  decide(refused);
  return true;
}

bool SubscribeProgress::authorize(const Request& request) {
  const auto parsed = topic::parse_filter(request.topic_filter, topic_limits());
  const auto qos = static_cast<Qos>(request.options.maximum_qos);
  const std::string_view share_name = parsed->kind == topic::FilterKind::shared ? parsed->group : std::string_view{};
  const auto result =
      machine.environment_.access.authorize_subscribe(*machine.client_, parsed->filter, qos, authorization, share_name);
  if (!result) {
    machine.wait_for_answer();
    return false;
  }
  authorized_now(*result);
  return true;
}

void SubscribeProgress::authorized(void* self, access::AuthorizeResult result) {
  auto& progress = *static_cast<SubscribeProgress*>(self);
  progress.machine.answer_came();
  progress.authorized_now(result);
  progress.run();
}

void SubscribeProgress::authorized_now(const access::AuthorizeResult& result) {
  if (result.allowed) return subscribe(requests[next], result.maximum_qos);
  machine.environment_.shard.count(Counter::packets_subscribe_auth_error);
  decide(result.reason);
}

void SubscribeProgress::subscribe(const Request& request, Qos maximum_qos) {
  Subscription subscription;
  subscription.topic_filter = request.topic_filter;
  subscription.options = request.options;
  const Qos granted = mqtt::lower_qos(mqtt::lower_qos(static_cast<Qos>(request.options.maximum_qos), maximum_qos),
                                      machine.environment_.limits->maximum_qos);
  subscription.options.maximum_qos = static_cast<uint8_t>(granted);  // [MQTT-3.8.4-7]
  subscription.subscription_identifier = subscription_identifier;
  const SubscribeOutcome outcome = add_subscription(machine.environment_, *machine.session_, std::move(subscription));
  hooks::SubscriptionEvent event{machine.client_.get(), request.topic_filter, granted, outcome.reason, outcome.is_new};
  hooks::observe(machine.environment_.hooks.subscribe_done, event);
  decide(outcome.reason);
}

void SubscribeProgress::decide(ReasonCode reason) {
  if (!requests[next].added)
    reason_codes.push_back(static_cast<uint8_t>(sendable_reason(mqtt::PacketType::suback, reason)));
  ++next;
}

void SubscribeProgress::finish() {
  MqttMachine& owner = machine;
  mqtt::Suback suback;  // [MQTT-3.8.4-1], [MQTT-3.8.4-2] with the identifier of the SUBSCRIBE
  suback.packet_id = packet_id;
  suback.reason_codes = reason_codes;
  const auto refused = [](uint8_t code) { return mqtt::is_failure(static_cast<ReasonCode>(code)); };
  if (!silent && std::any_of(reason_codes.begin(), reason_codes.end(), refused))
    owner.environment_.shard.count(Counter::packets_subscribe_error);
  const bool answered = silent || owner.reply(suback);
  owner.parts_->subscribe.reset();  // this object ends here
  if (!answered) owner.reply_too_large();
}

}  // namespace patchbay::session

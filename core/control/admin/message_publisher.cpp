#include "admin/message_publisher.h"

#include <memory>
#include <utility>

#include "admin/message_json.h"
#include "admin/shard_query.h"
#include "base/utf8.h"
#include "hooks/dispatch.h"
#include "hooks/hook_points.h"
#include "mqtt/codec/property_codec.h"
#include "router/topic_rewrite.h"
#include "session/message_origin.h"
#include "session/publishing.h"
#include "topic/topic_name.h"

namespace patchbay::admin {

namespace {

using mqtt::ReasonCode;
using session::SessionEnvironment;

topic::TopicLimits topic_limits(const SessionEnvironment& environment) {
  return {environment.limits->maximum_topic_size, environment.limits->maximum_topic_levels};
}

/// What the asking thread waits for. It may have gone when the answer comes.
struct PublicationAnswer {
  PublicationOutcome outcome;  // the shard's until it is there, then the asker's
  AnswerSignal is_there;

  /// Once.
  void answer(PublicationOutcome given) {
    outcome = std::move(given);
    is_there.give();
  }
};

/// One message on its way past publish.accept. Owns itself while an answer is awaited. [shard]
class Acceptance {
 public:
  Acceptance(SessionEnvironment& environment, mqtt::MessageRef message, PublicationDone done)
      : environment_(environment),
        message_(std::move(message)),
        done_(std::move(done)),
        pending_(&Acceptance::answered, this) {}

  static void run(std::unique_ptr<Acceptance> acceptance) {
    hooks::PublishAcceptEvent event;
    event.message = acceptance->message_;
    Acceptance& waits = *acceptance;
    const auto& point = waits.environment_.hooks.publish_accept;
    if (hooks::run(point, waits.environment_.deferrals, event, waits.pending_)) return waits.conclude(event);
    static_cast<void>(acceptance.release());
  }

 private:
  static void answered(void* self, hooks::PublishAcceptEvent& event) {
    const std::unique_ptr<Acceptance> acceptance(static_cast<Acceptance*>(self));
    acceptance->conclude(event);
  }

  void conclude(hooks::PublishAcceptEvent& event) {
    PublicationOutcome outcome;
    outcome.message_id = message_id(*message_);
    if (event.outcome != hooks::PublishAcceptEvent::Outcome::proceed) {
      environment_.shard.count(base::Counter::messages_dropped_hook);
      environment_.shard.count(base::Counter::messages_dropped);
      // Of a drop the publisher is not told, as a client is not.
      if (event.outcome == hooks::PublishAcceptEvent::Outcome::deny) outcome.reason = event.reason;
      return done_(std::move(outcome));
    }
    if (event.replaced) {
      message_ = session::with_origin_of(*message_, std::move(event.message));
      if (!topic::is_valid_topic_name(message_->topic(), topic_limits(environment_)))
        outcome.reason = ReasonCode::topic_name_invalid;
    }
    if (outcome.reason == ReasonCode::success) {
      const session::Published published = session::publish_message(environment_, mqtt::MessageRef(message_));
      outcome.receivers = published.receivers;
      outcome.reason = published.reason;
    }
    done_(std::move(outcome));
  }

  SessionEnvironment& environment_;
  mqtt::MessageRef message_;
  const PublicationDone done_;
  hooks::HookPending<hooks::PublishAcceptEvent> pending_;
};

mqtt::MessageRef message_of(const SessionEnvironment& environment, const Publication& publication) {
  std::optional<std::string> rewritten;
  if (environment.rewrite) rewritten = environment.rewrite->publish_topic(publication.topic, {}, {});
  mqtt::MessageFields fields;
  fields.topic = rewritten ? std::string_view(*rewritten) : std::string_view(publication.topic);
  fields.payload = {reinterpret_cast<const uint8_t*>(publication.payload.data()), publication.payload.size()};
  fields.properties = mqtt::publish_properties_of(publication.properties).forwardable();
  fields.qos = publication.qos;
  fields.retain = publication.retain;
  fields.message_expiry_interval_s = publication.message_expiry_interval_s;
  if (!fields.message_expiry_interval_s && environment.limits->message_expiry_interval_s != 0)
    fields.message_expiry_interval_s = environment.limits->message_expiry_interval_s;
  fields.received_at_ms = static_cast<int64_t>(environment.shard.now_ms);
  fields.received_at_unix_ms = static_cast<int64_t>(environment.shard.now_unix_ms);
  return mqtt::Message::create(fields);
}

void publish_here(SessionEnvironment& environment, const Publication& publication, PublicationDone done) {
  ReasonCode reason = refusal_of(environment, publication);
  mqtt::MessageRef message;
  if (reason == ReasonCode::success) message = message_of(environment, publication);
  if (message && !topic::is_valid_topic_name(message->topic(), topic_limits(environment)))
    reason = ReasonCode::topic_name_invalid;
  if (reason != ReasonCode::success) return done({reason, 0, {}});
  Acceptance::run(std::make_unique<Acceptance>(environment, std::move(message), std::move(done)));
}

}  // namespace

ReasonCode refusal_of(const SessionEnvironment& environment, const Publication& publication) {
  const session::SessionLimits& limits = *environment.limits;
  if (!base::is_clean_utf8(publication.topic) ||
      !topic::is_valid_topic_name(publication.topic, topic_limits(environment)))
    return ReasonCode::topic_name_invalid;
  if (publication.topic.size() + publication.properties.size() + publication.payload.size() >
      limits.maximum_packet_size)
    return ReasonCode::packet_too_large;
  if (publication.qos > limits.maximum_qos) return ReasonCode::qos_not_supported;
  if (publication.retain && !limits.retain_available) return ReasonCode::retain_not_supported;
  return ReasonCode::success;
}

namespace {

auto publishing(const plugin_services::ServiceShards& shards, uint32_t shard, Publication publication,
                PublicationDone done) {
  return [shard, &shards, publication = std::move(publication), done = std::move(done)]() mutable {
    publish_here(shards.flow(shard), publication, std::move(done));
  };
}

}  // namespace

void publish_later(const plugin_services::ServiceShards& shards, uint32_t shard, Publication publication,
                   PublicationDone done) {
  shards.run_patiently(shard, publishing(shards, shard, std::move(publication), std::move(done)));
}

std::optional<PublicationOutcome> publish(const plugin_services::ServiceShards& shards, uint32_t shard,
                                          Publication publication) {
  const auto waiting = std::make_shared<PublicationAnswer>();
  shards.run(shard, publishing(shards, shard, std::move(publication),
                               [waiting](PublicationOutcome outcome) { waiting->answer(std::move(outcome)); }));
  if (!waiting->is_there.wait_ms(kShardAnswerMs)) return std::nullopt;
  return std::move(waiting->outcome);
}

}  // namespace patchbay::admin

// A PUBLISH that somebody has to be asked about: access control, then publish.accept, then access control again when
// the message was changed. Each answer may come later; the connection reads nothing meanwhile.

#include <utility>

#include "access/access_control.h"
#include "hooks/dispatch.h"
#include "hooks/hook_points.h"
#include "session/ack_queue.h"
#include "session/message_origin.h"
#include "session/mqtt_machine.h"
#include "session/mqtt_progress.h"
#include "session/session.h"
#include "topic/topic_name.h"

namespace patchbay::session {

using base::Counter;
using mqtt::Qos;
using mqtt::ReasonCode;

PublishProgress& MqttMachine::publish_progress() {
  if (!parts().publish) parts_->publish = std::make_unique<PublishProgress>(*this);
  return *parts_->publish;
}

void MqttMachine::publish_slowly(mqtt::MessageRef message, uint16_t packet_id) {
  PublishProgress& progress = publish_progress();
  progress.qos = message->qos();
  progress.message = std::move(message);
  progress.packet_id = packet_id;
  progress.accepted_once = false;
  progress.authorize();
}

void PublishProgress::authorize() {
  // Whatever a rewrite or a hook made of the topic is validated like the client's own [MQTT-3.3.2-2].
  std::string_view topic = message->topic();
  const SessionLimits& limits = *machine.environment_.limits;
  const topic::TopicLimits topic_limits{limits.maximum_topic_size, limits.maximum_topic_levels};
  bool valid = topic::is_valid_topic_name(topic, topic_limits);
  if (valid && topic::is_delayed_topic(topic)) {
    const auto delayed =
        topic::parse_delayed_topic(topic);  // what is asked about is the topic that it will be published to
    valid = delayed.has_value();
    if (delayed) topic = delayed->topic;
  }
  if (!valid) return on_authorized(access::AuthorizeResult::deny(ReasonCode::topic_name_invalid));
  const auto result = machine.environment_.access.authorize_publish(*machine.client_, topic, message->qos(),
                                                                    message->retain(), authorization);
  if (result) return on_authorized(*result);
  machine.wait_for_answer();
}

void PublishProgress::authorized(void* self, access::AuthorizeResult result) {
  auto& progress = *static_cast<PublishProgress*>(self);
  progress.machine.answer_came();
  progress.on_authorized(result);
}

void PublishProgress::on_authorized(const access::AuthorizeResult& result) {
  if (result.allowed) return accepted_once ? finish() : accept();
  machine.environment_.shard.count(Counter::packets_publish_auth_error);
  machine.last_outcome_ = MqttMachine::kRefused + static_cast<uint32_t>(result.reason);
  hold.reset();
  message.reset();
  if (machine.environment_.limits->disconnect_on_denied_publish) {
    return machine.refuse(result.reason, "access.deny_action", CloseReason::not_authorized);  // this object ends here
  }
  // Acknowledged, not routed; before 5.0 without saying so (3.1.1 section 3.3.5).
  if (qos != Qos::at_most_once) machine.acknowledge(qos, packet_id, result.reason);
}

void PublishProgress::accept() {
  accepted_once = true;
  if (machine.environment_.hooks.publish_accept.empty()) return finish();
  hooks::PublishAcceptEvent event;
  event.client = machine.client_.get();
  event.message = message;
  if (hooks::run(machine.environment_.hooks.publish_accept, machine.environment_.deferrals, event, acceptance))
    return on_accepted(event);
  machine.wait_for_answer();
}

void PublishProgress::accepted(void* self, hooks::PublishAcceptEvent& event) {
  auto& progress = *static_cast<PublishProgress*>(self);
  progress.machine.answer_came();
  progress.on_accepted(event);
}

void PublishProgress::on_accepted(hooks::PublishAcceptEvent& event) {
  using Outcome = hooks::PublishAcceptEvent::Outcome;
  if (event.outcome == Outcome::proceed) {
    hold = std::move(event.acknowledgement_hold);
    if (!event.replaced) return finish();
    message = with_origin_of(*message, std::move(event.message));
    return authorize();  // what a hook made of it must be allowed too
  }
  machine.environment_.shard.count(Counter::messages_dropped_hook);
  machine.environment_.shard.count(Counter::messages_dropped);
  message.reset();
  const bool denied = event.outcome == Outcome::deny;
  const ReasonCode reason = denied ? event.reason : ReasonCode::success;
  machine.last_outcome_ = denied ? MqttMachine::kRefused + static_cast<uint32_t>(reason) : 0;
  if (qos != Qos::at_most_once) machine.acknowledge(qos, packet_id, reason);
}

void PublishProgress::finish() {
  mqtt::MessageRef ready = std::move(message);
  if (hold == nullptr) return machine.route_and_acknowledge(std::move(ready), qos, packet_id);
  const ReasonCode reason = machine.route(std::move(ready));
  if (qos == Qos::at_most_once) return hold.reset();
  std::unique_ptr<AckQueue>& acks = machine.parts().acks;
  if (!acks) acks = std::make_unique<AckQueue>(&MqttMachine::write_ack, &machine);
  acks->add(qos, packet_id, reason, std::move(hold));
}

}  // namespace patchbay::session

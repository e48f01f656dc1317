// UNSUBSCRIBE (MQTT 5.0 section 3.10).

#include <optional>
#include <string>
#include <vector>

#include "hooks/dispatch.h"
#include "hooks/hook_points.h"
#include "mqtt/codec/decoder.h"
#include "router/subscription_index.h"
#include "router/topic_rewrite.h"
#include "session/mqtt_machine.h"
#include "session/session.h"
#include "session/subscribing.h"

namespace patchbay::session {

using base::Counter;
using mqtt::ReasonCode;

void MqttMachine::handle_unsubscribe(uint8_t first_byte, Body body) {
  const auto decoded = mqtt::decode_unsubscribe(first_byte, body, version_);
  if (!decoded) return refuse(decoded.error());
  environment_.shard.count(Counter::packets_unsubscribe_received);
  std::vector<uint8_t> reason_codes;
  const auto forget = [this](std::string_view filter) {
    const bool known = remove_subscription(environment_, *session_, filter);  // [MQTT-3.10.4-1], [MQTT-3.10.4-2]
    if (known) hooks::observe(environment_.hooks.unsubscribe_done, {client_.get(), filter});
    return known;
  };
  reason_codes.reserve(decoded->topic_filters.count);
  std::string_view topic_filter;
  for (mqtt::TopicFilterReader reader = decoded->topic_filters.read(); reader.next(topic_filter);) {
    std::optional<std::string> rewritten;
    if (environment_.rewrite)
      rewritten = environment_.rewrite->subscribe_filter(topic_filter, client_->client_id(), client_->username());
    const std::string_view effective = rewritten ? std::string_view(*rewritten) : topic_filter;
    hooks::UnsubscribeRewriteEvent event;
    event.client = client_.get();
    event.topic_filter = effective;
    hooks::transform(environment_.hooks.unsubscribe_rewrite, environment_.deferrals, event);
    const bool known = forget(event.topic_filter);
    reason_codes.push_back(static_cast<uint8_t>(known ? ReasonCode::success : ReasonCode::no_subscription_existed));
    for (const std::string& more : event.added) forget(more);  // the client knows nothing of them
  }
  mqtt::Unsuback unsuback;  // [MQTT-3.10.4-4], [MQTT-3.10.4-5] also where there was no subscription
  unsuback.packet_id = decoded->packet_id;
  unsuback.reason_codes = reason_codes;
  if (!reply(unsuback)) reply_too_large();
}

}  // namespace patchbay::session

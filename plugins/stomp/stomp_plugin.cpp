#include "stomp_plugin.h"

namespace patchbay::stomp {

StompPlugin::Counters::Counters(patchbay::host host)
    : frames_received(host, "stomp_frames_received_total", "Frames that clients have sent."),
      messages_received(host, "stomp_messages_received_total", "SEND frames that became messages."),
      messages_delivered(host, "stomp_messages_delivered_total", "MESSAGE frames that were written."),
      messages_refused(host, "stomp_messages_refused_total", "Messages that clients have refused by NACK."),
      messages_not_representable(host, "stomp_messages_not_representable_total",
                                 "Messages that a client's version of STOMP cannot name."),
      headers_omitted(host, "stomp_headers_omitted_total", "Properties of messages that STOMP cannot carry."),
      errors_sent(host, "stomp_errors_sent_total", "ERROR frames: each ends a connection."),
      limits_reached(host, "stomp_limits_reached_total", "ERROR frames about a limit of the settings."),
      heart_beat_timeouts(host, "stomp_heart_beat_timeouts_total", "Connections without the heart-beats agreed on.") {}

StompPlugin::StompPlugin(patchbay::host of) : plugin(of), counters_(of) {}

void StompPlugin::stop() {
  // Nobody is connected any more, so no shard uses them.
  for (Scratch& each : scratch_) each.tails.clear();
}

void StompPlugin::check(const Settings& settings, patchbay::error_list& errors) const {
  const DestinationRules& rules = settings.destinations;
  const std::string_view prefixes[] = {rules.topic_prefix, rules.queue_prefix};
  if (!rules.topic_prefix.empty() && rules.topic_prefix == rules.queue_prefix) {
    errors.add("/destinations/queue_prefix", "is the same as topic_prefix");
  }
  if (prefixes[0].empty() && prefixes[1].empty() && !rules.plain) {
    errors.add("/destinations/plain", "is false, and there is no prefix: no destination would be left");
  }
  constexpr std::chrono::hours kLongestHeartBeat(24);
  if (settings.heart_beat_send > kLongestHeartBeat) errors.add("/heart_beat_send", "is more than a day");
  if (settings.heart_beat_receive > kLongestHeartBeat) errors.add("/heart_beat_receive", "is more than a day");
  if (settings.default_prefetch_count > settings.max_unacknowledged) {
    errors.add("/default_prefetch_count", "is more than max_unacknowledged");
  }
}

}  // namespace patchbay::stomp

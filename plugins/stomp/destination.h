// Destinations of STOMP and topics of MQTT.
//
//   /topic/a.b.c      a/b/c                       everybody who has subscribed gets it
//   /topic/a.*.#      a/+/#                       SUBSCRIBE only; "**" and ">" as last word also mean #
//   /queue/jobs       $share/<queue_group>/jobs   SUBSCRIBE: one of the subscribers gets it
//   /queue/jobs       jobs                        SEND; with queue_topic_prefix in front of both
//   a/b/c             a/b/c                       plain: the topic, or the filter, as it is
//
// A level that holds the separator, a wildcard of STOMP or a percent sign is written with percent signs: the topic
// "v1.0/x" is /topic/v1%2E0.x. So each topic has one destination, and goes back to where it came from.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace patchbay::stomp {

struct DestinationRules {
  std::string topic_prefix = "/topic/";
  std::string queue_prefix = "/queue/";
  std::string separator = ".";
  std::string queue_group = "stomp";
  std::string queue_topic_prefix;
  bool plain = true;

  template <typename Fields>
  void describe(Fields& fields) {
    fields.optional("topic_prefix", topic_prefix);
    fields.optional("queue_prefix", queue_prefix);
    fields.optional("separator", separator);
    fields.optional("queue_group", queue_group);
    fields.optional("queue_topic_prefix", queue_topic_prefix);
    fields.optional("plain", plain);
  }
};

/// How a client speaks of a destination, and is answered.
enum class DestinationForm : std::uint8_t { topic, queue, plain };

struct Destination {
  DestinationForm form = DestinationForm::plain;
  std::string topic;  ///< a name, or a filter
};

/// Where a SEND goes. Nothing: no destination of ours, or one with wildcards.
[[nodiscard]] std::optional<Destination> topic_of(std::string_view destination, const DestinationRules& rules);
/// What a SUBSCRIBE asks for: with the share in front for queues. Nothing: no destination of ours.
[[nodiscard]] std::optional<Destination> filter_of(std::string_view destination, const DestinationRules& rules);
/// Appends the destination of a topic, in the form in which the client asked for it.
void append_destination(std::string& out, std::string_view topic, DestinationForm form, const DestinationRules& rules);

/// Whether one of several subscribers gets each message.
[[nodiscard]] inline bool is_shared(std::string_view filter) {
  return filter.starts_with("$share/") || filter.starts_with("$queue/");
}

}  // namespace patchbay::stomp

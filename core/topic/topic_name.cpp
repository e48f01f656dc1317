#include "topic/topic_name.h"

#include <charconv>

#include "topic/levels.h"

namespace patchbay::topic {

bool is_valid_topic_name(std::string_view name, const TopicLimits& limits) {
  // [MQTT-4.7.3-1] At least one character. [MQTT-4.7.3-3] At most 65535 bytes, or the limit of this node.
  if (name.empty() || name.size() > limits.maximum_bytes) return false;
  // [MQTT-3.3.2-2] No wildcards. [MQTT-4.7.3-2] No NUL.
  if (name.find_first_of(std::string_view("+#\0", 3)) != std::string_view::npos) return false;
  return count_levels(name) <= limits.maximum_levels;
}

std::optional<DelayedTopic> parse_delayed_topic(std::string_view name) {
  const std::string_view rest = name.substr(kDelayedPrefix.size());
  const size_t slash = rest.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  DelayedTopic parsed;
  const char* const end = rest.data() + slash;
  const auto [stopped_at, error] = std::from_chars(rest.data(), end, parsed.delay_s);
  if (error != std::errc() || stopped_at != end || parsed.delay_s > kMaximumDelay_s) return std::nullopt;
  parsed.topic = rest.substr(slash + 1);
  // A delay within a delay would let a message wait for longer than the maximum.
  if (parsed.topic.empty() || is_delayed_topic(parsed.topic)) return std::nullopt;
  return parsed;
}

}  // namespace patchbay::topic

#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "topic/topic_limits.h"

namespace patchbay::topic {

/// Whether `name` may be published to: not empty, no wildcard, no NUL, within `limits`. That it is well-formed UTF-8
/// is the codec's check. [any-thread]
[[nodiscard]] bool is_valid_topic_name(std::string_view name, const TopicLimits& limits = {});

/// "$SYS/…", "$share/…" and all other names that wildcards at the front do not reach.
[[nodiscard]] constexpr bool is_dollar_topic(std::string_view name) {
  return !name.empty() && name.front() == '$';
}

/// "$delayed/{seconds}/{topic}", taken apart.
struct DelayedTopic {
  uint32_t delay_s = 0;
  std::string_view topic;
};

inline constexpr std::string_view kDelayedPrefix = "$delayed/";
inline constexpr uint32_t kMaximumDelay_s = 4294967;

[[nodiscard]] constexpr bool is_delayed_topic(std::string_view name) {
  return name.substr(0, kDelayedPrefix.size()) == kDelayedPrefix;
}

/// The parts of a name for which is_delayed_topic() holds; nothing where the seconds are no number up to
/// kMaximumDelay_s, or the topic behind them is empty. `topic` points into `name`. [any-thread]
[[nodiscard]] std::optional<DelayedTopic> parse_delayed_topic(std::string_view name);

}  // namespace patchbay::topic

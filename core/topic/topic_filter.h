#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "topic/topic_limits.h"

namespace patchbay::topic {

/// What a subscription's filter asks for beyond matching.
enum class FilterKind : uint8_t {
  plain,      ///< every subscriber gets each message
  shared,     ///< "$share/{group}/{filter}" or "$queue/{filter}": one member of the group gets it
  exclusive,  ///< "$exclusive/{filter}": one subscriber on the whole node
};

/// A subscription's filter taken apart; all views point into the text it was parsed from.
struct ParsedFilter {
  FilterKind kind = FilterKind::plain;
  std::string_view group;   ///< of a shared filter; kQueueGroup for "$queue/…"
  std::string_view filter;  ///< what topic names are matched with
  bool has_wildcard = false;
};

/// The implicit group of "$queue/…". Holds a character that no ShareName may have, so that it equals no named group.
inline constexpr std::string_view kQueueGroup = "#queue";

/// Whether `filter` (without prefix) is well formed: not empty, '#' alone in the last level, '+' alone in its level, no
/// NUL, within `limits`. [any-thread]
[[nodiscard]] bool is_valid_filter(std::string_view filter, const TopicLimits& limits = {});

/// Takes a SUBSCRIBE's or UNSUBSCRIBE's filter apart and checks it; nothing where it is malformed. The limits hold for
/// the whole text. [any-thread]
[[nodiscard]] std::optional<ParsedFilter> parse_filter(std::string_view text, const TopicLimits& limits = {});

/// Whether there is a '+' or '#' in `filter`.
[[nodiscard]] bool has_wildcard(std::string_view filter);

/// Whether `name` matches `filter` (without prefix), by the standard's words, level by level. The reference that the
/// subscription index is tested with, and the way to match one filter. [any-thread]
[[nodiscard]] bool matches(std::string_view filter, std::string_view name);

/// Whether every name that `inner` matches is matched by `outer` too. [any-thread]
[[nodiscard]] bool contains(std::string_view outer, std::string_view inner);

}  // namespace patchbay::topic

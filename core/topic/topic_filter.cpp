#include "topic/topic_filter.h"

#include <algorithm>

#include "topic/levels.h"
#include "topic/topic_name.h"

namespace patchbay::topic {

namespace {

constexpr std::string_view kSharePrefix = "$share/";
constexpr std::string_view kQueuePrefix = "$queue/";
constexpr std::string_view kExclusivePrefix = "$exclusive/";

bool starts_with(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

bool is_wildcard(char c) {
  return c == '+' || c == '#';
}

// Whether the wildcard at `at` stands as it may.
bool is_valid_wildcard(std::string_view filter, size_t at) {
  const bool begins_level = at == 0 || filter[at - 1] == '/';
  const bool is_last = at + 1 == filter.size();
  // [MQTT-4.7.1-1] '#' is the whole level, and the last one.
  if (filter[at] == '#') return begins_level && is_last;
  // [MQTT-4.7.1-2] '+' is the whole level.
  return begins_level && (is_last || filter[at + 1] == '/');
}

// The part of "$share/{group}/{filter}" behind the prefix.
bool split_group(std::string_view rest, ParsedFilter& parsed) {
  const size_t slash = rest.find('/');
  // [MQTT-4.8.2-2] A '/' and a filter follow the ShareName.
  if (slash == std::string_view::npos) return false;
  parsed.group = rest.substr(0, slash);
  parsed.filter = rest.substr(slash + 1);
  // [MQTT-4.8.2-1] The ShareName has at least one character, none of them '/', '+' or '#'.
  return !parsed.group.empty() && parsed.group.find_first_of("+#") == std::string_view::npos;
}

bool split_prefix(std::string_view text, ParsedFilter& parsed) {
  parsed.filter = text;
  if (text.empty() || text.front() != '$') return true;
  if (starts_with(text, kSharePrefix)) {
    parsed.kind = FilterKind::shared;
    return split_group(text.substr(kSharePrefix.size()), parsed);
  }
  if (starts_with(text, kQueuePrefix)) {
    parsed.kind = FilterKind::shared;
    parsed.group = kQueueGroup;
    parsed.filter = text.substr(kQueuePrefix.size());
  } else if (starts_with(text, kExclusivePrefix)) {
    parsed.kind = FilterKind::exclusive;
    parsed.filter = text.substr(kExclusivePrefix.size());
  }
  return true;
}

}  // namespace

bool has_wildcard(std::string_view filter) {
  return std::any_of(filter.begin(), filter.end(), is_wildcard);
}

bool is_valid_filter(std::string_view filter, const TopicLimits& limits) {
  // [MQTT-4.7.3-1] At least one character.
  if (filter.empty() || filter.size() > limits.maximum_bytes) return false;
  uint32_t levels = 1;
  for (size_t at = 0; at < filter.size(); ++at) {  // in one pass: a SUBSCRIBE comes by here several times
    const char c = filter[at];
    if (c == '\0') return false;  // [MQTT-4.7.3-2] No NUL.
    if (c == '/') ++levels;
    if (is_wildcard(c) && !is_valid_wildcard(filter, at)) return false;
  }
  return levels <= limits.maximum_levels;
}

std::optional<ParsedFilter> parse_filter(std::string_view text, const TopicLimits& limits) {
  ParsedFilter parsed;
  if (text.size() > limits.maximum_bytes) return std::nullopt;
  if (!split_prefix(text, parsed)) return std::nullopt;
  if (!is_valid_filter(parsed.filter, limits)) return std::nullopt;
  parsed.has_wildcard = has_wildcard(parsed.filter);
  return parsed;
}

bool matches(std::string_view filter, std::string_view name) {
  // [MQTT-4.7.2-1] A wildcard at the front does not match names that begin with '$'.
  if (is_dollar_topic(name) && !filter.empty() && (filter.front() == '+' || filter.front() == '#')) return false;
  Levels wanted(filter);
  Levels levels(name);
  while (wanted.next()) {
    // '#' stands for the level before it too: "a/#" matches "a".
    if (wanted.level() == "#") return true;
    if (!levels.next()) return false;
    if (wanted.level() != "+" && wanted.level() != levels.level()) return false;
  }
  return levels.at_last();
}

bool contains(std::string_view outer, std::string_view inner) {
  const auto starts_wild = [](std::string_view filter) { return filter.front() == '+' || filter.front() == '#'; };
  if (outer.empty() || inner.empty()) return false;
  if (is_dollar_topic(inner) && starts_wild(outer)) return false;
  // No name is empty, so that these say no more than with one level more.
  if (inner == "#") inner = "+/#";
  if (inner == "/#") inner = "/+/#";
  Levels wide(outer);
  Levels narrow(inner);
  while (wide.next()) {
    if (wide.level() == "#") return true;
    if (!narrow.next()) return false;
    if (narrow.level() == "#") return false;
    if (wide.level() != "+" && wide.level() != narrow.level()) return false;
  }
  return narrow.at_last();
}

}  // namespace patchbay::topic

#include "topic/filter_scan.h"

#include "topic/levels.h"
#include "topic/topic_name.h"

namespace patchbay::topic {

namespace {

constexpr size_t kNone = std::string_view::npos;

bool begins_with_wildcard(std::string_view filter) {
  return !filter.empty() && (filter.front() == '+' || filter.front() == '#');
}

}  // namespace

FilterScan::Step FilterScan::seek(std::string_view prefix, std::string_view rest) {
  target_.assign(prefix).append(rest);
  return Step::seek;
}

// Everything below the level that the last '+' took has been decided, so that only another value for that '+' can
// match; without a '+' there is no other value. The byte 0x01 is the lowest that can follow a level, apart from '/'.
FilterScan::Step FilterScan::seek_past(std::string_view topic, size_t plus_end) {
  return plus_end == kNone ? Step::end : seek(topic.substr(0, plus_end), "\x01");
}

FilterScan::Step FilterScan::examine(std::string_view topic) {
  // [MQTT-4.7.2-1] The byte after '$' begins the first topic that a wildcard at the front may match again.
  if (begins_with_wildcard(filter_) && is_dollar_topic(topic)) return seek("%", "");
  Levels wanted(filter_);
  Levels levels(topic);
  size_t plus_end = kNone;
  while (wanted.next()) {
    const std::string_view level = wanted.level();
    if (level == "#") return Step::match;
    if (!levels.next()) {
      target_.assign(topic).append("/");
      if (level != "+") target_.append(level);
      return Step::seek;
    }
    if (level == "+") {
      plus_end = levels.end();
      continue;
    }
    const int order = level.compare(levels.level());
    if (order > 0) return seek(topic.substr(0, levels.begin()), level);
    if (order < 0) return seek_past(topic, plus_end);
  }
  return levels.at_last() ? Step::match : seek_past(topic, plus_end);
}

}  // namespace patchbay::topic

#include "support/topic_match.h"

#include <algorithm>

namespace patchbay::support {

namespace {

// Walks the levels of a topic or filter; a text always has at least one level, which may be empty.
class Levels {
 public:
  explicit Levels(std::string_view text) : text_(text) {}
  bool next() {
    if (begin_ > text_.size()) return false;
    const size_t end = std::min(text_.find('/', begin_), text_.size());
    level_ = text_.substr(begin_, end - begin_);
    begin_ = end + 1;
    return true;
  }
  [[nodiscard]] std::string_view level() const { return level_; }
  [[nodiscard]] bool at_last() const { return begin_ > text_.size(); }

 private:
  std::string_view text_;
  std::string_view level_;
  size_t begin_ = 0;
};

bool starts_wild(std::string_view filter) {
  return filter.starts_with('+') || filter.starts_with('#');
}

// "/#" is about the empty name and all that begin with '/'; there is no empty name.
std::string_view without_empty_name(std::string_view filter) {
  return filter == "/#" ? "/+/#" : filter;
}

}  // namespace

bool is_valid_filter(std::string_view filter) {
  // [MQTT-4.7.3-1], [MQTT-4.7.3-2]
  if (filter.empty() || filter.find('\0') != std::string_view::npos) return false;
  for (Levels levels(filter); levels.next();) {
    const std::string_view level = levels.level();
    // [MQTT-4.7.1-1] '#' is the whole level, and the last one. [MQTT-4.7.1-2] '+' is the whole level.
    if (level.find('#') != std::string_view::npos && (level.size() != 1 || !levels.at_last())) return false;
    if (level.find('+') != std::string_view::npos && level.size() != 1) return false;
  }
  return true;
}

bool is_valid_topic(std::string_view topic) {
  return !topic.empty() && topic.find_first_of(std::string_view("+#\0", 3)) == std::string_view::npos;
}

std::string_view without_share(std::string_view filter) {
  std::string_view rest = filter;
  if (filter.starts_with("$share/")) {
    rest.remove_prefix(7);
    const size_t slash = rest.find('/');
    if (slash == std::string_view::npos) return filter;
    rest.remove_prefix(slash + 1);
  } else if (filter.starts_with("$queue/")) {
    rest.remove_prefix(7);
  } else if (filter.starts_with("$exclusive/")) {
    rest.remove_prefix(11);
  }
  return rest.empty() ? filter : rest;
}

bool filter_matches(std::string_view filter, std::string_view topic) {
  // [MQTT-4.7.2-1] A wildcard at the front does not match names that begin with '$'.
  if (topic.starts_with('$') && starts_wild(filter)) return false;
  Levels wanted(filter);
  Levels levels(topic);
  while (wanted.next()) {
    if (wanted.level() == "#") return true;  // stands for the level before it too: "a/#" matches "a"
    if (!levels.next()) return false;
    if (wanted.level() != "+" && wanted.level() != levels.level()) return false;
  }
  return levels.at_last();
}

bool filter_contains(std::string_view outer, std::string_view inner) {
  if (outer.empty() || inner.empty()) return false;
  if (inner.starts_with('$') && starts_wild(outer)) return false;
  Levels wide(outer);
  Levels narrow(inner == "#" ? "+/#" : without_empty_name(inner));
  while (wide.next()) {
    if (wide.level() == "#") return true;
    if (!narrow.next() || narrow.level() == "#") return false;
    if (wide.level() != "+" && wide.level() != narrow.level()) return false;
  }
  return narrow.at_last();
}

bool filters_overlap(std::string_view left, std::string_view right) {
  if ((left.starts_with('$') && starts_wild(right)) || (right.starts_with('$') && starts_wild(left))) return false;
  Levels a(without_empty_name(left));
  Levels b(without_empty_name(right));
  for (;;) {
    const bool more_a = a.next();
    const bool more_b = b.next();
    // "a/#" matches "a" as well, so that a number sign meets even the end of the other.
    if ((more_a && a.level() == "#") || (more_b && b.level() == "#")) return true;
    if (!more_a || !more_b) return more_a == more_b;
    if (a.level() != b.level() && a.level() != "+" && b.level() != "+") return false;
  }
}

}  // namespace patchbay::support

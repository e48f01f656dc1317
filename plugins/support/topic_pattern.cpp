#include <algorithm>
#include <cstring>

#include "support/topic_match.h"

namespace patchbay::support {

namespace {

constexpr std::string_view kEq = "eq ";
constexpr std::string_view kForbidden{"+#/\0", 4};
constexpr size_t kRoomBytes = 2048;  // a topic of the broker's default limit, twice

// Where the next placeholder begins and ends, and its name.
struct Found {
  size_t open = std::string_view::npos;
  size_t close = 0;
  std::string_view name;
  bool broken = false;  // "${" without "}"
};

Found find_braces(std::string_view text, size_t from) {
  Found found;
  found.open = text.find("${", from);
  if (found.open == std::string_view::npos) return found;
  const size_t end = text.find('}', found.open);
  found.broken = end == std::string_view::npos;
  if (found.broken) return found;
  found.name = text.substr(found.open + 2, end - found.open - 2);
  found.close = end + 1;
  return found;
}

Found find_percent(std::string_view text, size_t from) {
  Found found;
  for (size_t at = text.find('%', from); at != std::string_view::npos; at = text.find('%', at + 1)) {
    if (at + 1 == text.size() || (text[at + 1] != 'c' && text[at + 1] != 'u')) continue;
    found.open = at;
    found.close = at + 2;
    found.name = text[at + 1] == 'c' ? "clientid" : "username";
    return found;
  }
  return found;
}

Found find_placeholder(std::string_view text, size_t from, TopicPattern::Style style) {
  Found braces;
  Found percent;
  if (style != TopicPattern::Style::percent) braces = find_braces(text, from);
  if (style != TopicPattern::Style::braces) percent = find_percent(text, from);
  return braces.open < percent.open ? braces : percent;
}

// Puts texts one behind the other into memory of the caller.
class Joiner {
 public:
  explicit Joiner(std::span<char> room) : room_(room) {}
  bool append(std::string_view text) {
    if (text.size() > room_.size() - length_) return false;
    std::memcpy(room_.data() + length_, text.data(), text.size());
    length_ += text.size();
    return true;
  }
  [[nodiscard]] std::string_view text() const { return {room_.data(), length_}; }
  // What stands before the level that can't be known, and '#': all that the pattern could have meant.
  TopicPattern::Filled cut() {
    const size_t slash = text().rfind('/');
    length_ = slash == std::string_view::npos ? 0 : slash + 1;
    const bool everything = length_ == 0 || !append("#");
    return {everything ? std::string_view("#") : text(), false, everything};
  }

 private:
  std::span<char> room_;
  size_t length_ = 0;
};

}  // namespace

bool is_safe_topic_value(std::string_view value, bool at_front) {
  if (value.empty() || value.find_first_of(kForbidden) != std::string_view::npos) return false;
  return !at_front || value.front() != '$';  // a client named "$SYS" gets no part of $SYS
}

std::optional<TopicPattern> TopicPattern::parse(std::string_view text, std::string& reason, Style style) {
  TopicPattern pattern;
  pattern.literal_ = text.starts_with(kEq);
  if (pattern.literal_) text.remove_prefix(kEq.size());
  pattern.text_ = text;
  std::string probe;  // the filter with a letter for each value: valid or not whatever the values are
  while (!pattern.literal_) {
    const Found found = find_placeholder(text, pattern.tail_, style);
    probe += text.substr(pattern.tail_, found.open - pattern.tail_);
    if (found.open == std::string_view::npos) break;
    if (found.broken || !pattern.add_piece(found.name, pattern.tail_, found.open)) {
      reason = found.broken ? "a placeholder without }" : "no such placeholder: " + std::string(found.name);
      return std::nullopt;
    }
    probe += 'x';
    pattern.tail_ = found.close;
  }
  if (is_valid_filter(pattern.literal_ ? text : std::string_view(probe))) {
    pattern.find_fronts();
    return pattern;
  }
  reason = "not a topic filter";
  return std::nullopt;
}

void TopicPattern::find_fronts() {
  const std::string_view fixed = std::string_view(text_).substr(0, pieces_.empty() ? text_.size() : pieces_[0].length);
  const size_t wildcard = std::min(fixed.find_first_of("+#"), fixed.size());
  // "a/#" is about "a" as well.
  const bool tree = wildcard > 0 && wildcard < fixed.size() && fixed[wildcard] == '#';
  const size_t front = tree ? wildcard - 1 : wildcard;
  allow_front_ = deny_front_ = front_of(front);
  if (pieces_.empty()) return;
  // With a value that can't be had, all that stands before its level: "a/x${username}" denies "a/#".
  const size_t slash = fixed.substr(0, front).rfind('/');
  deny_front_ = front_of(slash == std::string_view::npos ? 0 : slash);
}

TopicPattern::Front TopicPattern::front_of(size_t size) const {
  Front front{size, 0};
  if (size >= sizeof front.end) std::memcpy(&front.end, text_.data() + size - sizeof front.end, sizeof front.end);
  return front;
}

bool TopicPattern::add_piece(std::string_view name, size_t begin, size_t open) {
  Piece piece{static_cast<uint32_t>(begin), static_cast<uint32_t>(open - begin), Value::attribute, {}};
  if (name == "clientid") {
    piece.value = Value::client_id;
  } else if (name == "username") {
    piece.value = Value::username;
  } else if (name == "cert_common_name") {
    piece.value = Value::cert_common_name;
  } else if (name == "peerhost") {
    piece.value = Value::peerhost;
  } else if (name == "listener") {
    piece.value = Value::listener;
  } else if (name.starts_with("client_attrs.") || name.starts_with("attr.")) {
    piece.name = name.substr(name.find('.') + 1);
  }
  if (piece.value == Value::attribute && piece.name.empty()) return false;
  pieces_.push_back(std::move(piece));
  return true;
}

std::string_view TopicPattern::value_of(const Piece& piece, const TopicValues& values) {
  switch (piece.value) {
    case Value::client_id:
      return values.client_id;
    case Value::username:
      return values.username;
    case Value::cert_common_name:
      return values.cert_common_name;
    case Value::peerhost:
      return values.peerhost;
    case Value::listener:
      return values.listener;
    case Value::attribute:
      break;
  }
  if (values.attribute == nullptr) return {};
  return values.attribute(values.attribute_context, piece.name);
}

TopicPattern::Filled TopicPattern::fill(const TopicValues& values, std::span<char> room) const {
  if (pieces_.empty()) return {text_};
  const std::string_view text = text_;
  Joiner joined(room);
  for (const Piece& piece : pieces_) {
    if (!joined.append(text.substr(piece.begin, piece.length))) return joined.cut();
    const std::string_view value = value_of(piece, values);
    if (!is_safe_topic_value(value, joined.text().empty()) || !joined.append(value)) return joined.cut();
  }
  if (!joined.append(text.substr(tail_))) return joined.cut();
  return {joined.text()};
}

bool TopicPattern::concerns_topic(const TopicValues& values, std::string_view topic, bool allow) const {
  if (literal_) return topic == text_;
  if (!may_concern(topic, allow)) return false;
  if (pieces_.empty()) return filter_matches(text_, topic);
  char room[kRoomBytes];
  const Filled filled = fill(values, room);
  if (!filled.safe && allow) return false;
  return filled.everything || filter_matches(filled.filter, topic);
}

bool TopicPattern::concerns_filter(const TopicValues& values, std::string_view filter, bool allow) const {
  if (literal_) return filter == text_;
  char room[kRoomBytes];
  const Filled filled = fill(values, room);
  if (!filled.safe && allow) return false;
  if (allow) return filter_contains(filled.filter, filter);
  return filled.everything || filters_overlap(filled.filter, filter);
}

}  // namespace patchbay::support

#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::support {

/// A topic filter by MQTT 5.0, 4.7.1: not empty, no NUL, '+' a whole level, '#' a whole level and the last. A $share
/// prefix is not looked at. [any-thread]
[[nodiscard]] bool is_valid_filter(std::string_view filter);
/// Not empty, no NUL, no wildcard. [any-thread]
[[nodiscard]] bool is_valid_topic(std::string_view topic);

/// The filter behind "$share/{group}/", "$queue/" or "$exclusive/"; the whole text where there is no such prefix, or
/// nothing behind it. Points into `filter`. [any-thread]
[[nodiscard]] std::string_view without_share(std::string_view filter);

/// Whether the valid `filter` matches the topic name. A wildcard in front does not match names that begin with '$'.
/// [any-thread]
[[nodiscard]] bool filter_matches(std::string_view filter, std::string_view topic);
/// Whether `outer` allows everything that `inner` matches. [any-thread]
[[nodiscard]] bool filter_contains(std::string_view outer, std::string_view inner);
/// Whether some topic name matches both: a rule that denies is about every filter that overlaps its own. [any-thread]
[[nodiscard]] bool filters_overlap(std::string_view left, std::string_view right);

/// What placeholders stand for. Views must live as long as the call.
struct TopicValues {
  std::string_view client_id;
  std::string_view username;
  std::string_view cert_common_name;
  std::string_view peerhost;
  std::string_view listener;
  /// ${client_attrs.NAME} and ${attr.NAME}; null: there are none. Called within fill() only; empty means missing.
  std::string_view (*attribute)(const void* context, std::string_view name) = nullptr;
  const void* attribute_context = nullptr;
};

/// Whether a client's own value may become a part of a topic: not empty, no '+', '#', '/' or NUL, and no '$' where it
/// would be the first character of the topic. [any-thread]
[[nodiscard]] bool is_safe_topic_value(std::string_view value, bool at_front);

/// A topic filter with placeholders, taken apart once. Knows ${clientid}, ${username}, ${cert_common_name},
/// ${peerhost}, ${listener}, ${client_attrs.NAME}, ${attr.NAME} and the short forms %c (client id) and %u (user name).
/// "eq " in front says that the rest is meant letter by letter: no wildcards, no placeholders. Constant once made.
/// [any-thread]
class TopicPattern {
 public:
  enum class Style : uint8_t {
    braces,   ///< ${…} only
    percent,  ///< %c and %u only (Mosquitto's patterns)
    both,     ///< (EMQX 4)
  };

  /// Nothing where the filter isn't valid or a placeholder is unknown; `reason` says which.
  [[nodiscard]] static std::optional<TopicPattern> parse(std::string_view text, std::string& reason,
                                                         Style style = Style::both);

  /// A pattern filled in: the filter, in the caller's memory or the pattern's own.
  struct Filled {
    std::string_view filter;
    /// False: a value was missing or unsafe, or too long. `filter` is then what stands before that level and '#', to
    /// be used by rules that deny; one that allows must match nothing.
    bool safe = true;
    /// The unsafe value was in the first level: a rule that denies is about every topic, also those with '$'.
    bool everything = false;
  };
  /// Fills in placeholders. Allocates nothing: what is put together stands in `room`, which should have as many bytes
  /// as a topic may have. [any-thread]
  [[nodiscard]] Filled fill(const TopicValues& values, std::span<char> room) const;

  /// A quick look: false where concerns_topic() would say no whatever the values are. Most rules are about other
  /// topics, and need no values. [any-thread]
  [[nodiscard]] bool may_concern(std::string_view topic, bool allow) const {
    const Front& front = allow ? allow_front_ : deny_front_;
    if (topic.size() < front.size) return false;
    if (front.size < sizeof front.end) return true;
    uint64_t end = 0;
    std::memcpy(&end, topic.data() + front.size - sizeof end, sizeof end);
    return end == front.end;
  }
  /// Whether a rule that allows (or denies) by this pattern is about the topic name. [any-thread]
  [[nodiscard]] bool concerns_topic(const TopicValues& values, std::string_view topic, bool allow) const;
  /// The same for a subscription: allowing needs containment, denying an overlap. A $share prefix of `filter` must have
  /// been taken off. [any-thread]
  [[nodiscard]] bool concerns_filter(const TopicValues& values, std::string_view filter, bool allow) const;

  [[nodiscard]] bool literal() const { return literal_; }  ///< "eq "
  [[nodiscard]] bool constant() const { return pieces_.empty(); }
  [[nodiscard]] const std::string& text() const { return text_; }  ///< without "eq "

 private:
  enum class Value : uint8_t { client_id, username, cert_common_name, peerhost, listener, attribute };
  struct Piece {
    uint32_t begin;  // of the fixed text in front of the value, in text_
    uint32_t length;
    Value value;
    std::string name;  // of the attribute
  };
  bool add_piece(std::string_view name, size_t begin, size_t open);
  void find_fronts();
  [[nodiscard]] static std::string_view value_of(const Piece& piece, const TopicValues& values);

  std::string text_;
  std::vector<Piece> pieces_;
  size_t tail_ = 0;  // where the fixed text behind the last value begins
  /// What every topic begins with that a rule which allows (or denies) by this pattern can be about.
  struct Front {
    size_t size = 0;
    uint64_t end = 0;  // its last eight bytes, where it is as long
  };
  [[nodiscard]] Front front_of(size_t size) const;
  Front allow_front_;
  Front deny_front_;
  bool literal_ = false;
};

}  // namespace patchbay::support

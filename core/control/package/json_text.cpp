#include "package/json_text.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <vector>

namespace patchbay::package {

namespace {

using nlohmann::json;

constexpr size_t kShownBytesMax = 80;

/// Follows the parser through the document, and remembers the first thing that the grammar allows and we don't.
class Watcher {
 public:
  Watcher(std::string_view what, size_t depth_max) : what_(what), depth_max_(depth_max) {}

  /// Called by the parser; throws the problem, which ends the parsing.
  bool operator()(json::parse_event_t event, const json& parsed) {
    switch (event) {
      case json::parse_event_t::object_start:
      case json::parse_event_t::array_start:
        enter(event == json::parse_event_t::object_start);
        break;
      case json::parse_event_t::object_end:
      case json::parse_event_t::array_end:
        levels_.pop_back();
        break;
      case json::parse_event_t::key:
        name_member(parsed.get_ref<const std::string&>());
        break;
      case json::parse_event_t::value:
        step();
        break;
    }
    return true;
  }

 private:
  struct Level {
    bool is_object = false;
    size_t next_index = 0;
    std::string member;
    std::set<std::string, std::less<>> members;
  };

  void enter(bool is_object) {
    step();
    if (levels_.size() == depth_max_) {
      throw Problem{"", std::string(what_) + " is nested deeper than the " + std::to_string(depth_max_) +
                            " levels that are allowed"};
    }
    levels_.push_back({is_object, 0, {}, {}});
  }

  void step() {
    if (!levels_.empty() && !levels_.back().is_object) ++levels_.back().next_index;
  }

  void name_member(const std::string& name) {
    Level& level = levels_.back();
    level.member = name;
    if (!level.members.insert(name).second) throw Problem{pointer(), "this member is there twice"};
  }

  [[nodiscard]] std::string pointer() const {
    std::string text;
    for (const Level& level : levels_) {
      text = level.is_object ? pointer_to(text, level.member) : pointer_to(text, level.next_index - 1);
    }
    return text;
  }

  std::string_view what_;
  size_t depth_max_;
  std::vector<Level> levels_;
};

/// The parser's message without its own prefix and without what it read last, which may be part of a secret.
std::string parse_error_text(std::string_view message) {
  const size_t prefix = message.find("] ");
  if (prefix != std::string_view::npos) message.remove_prefix(prefix + 2);
  message = message.substr(0, message.find("; last read"));
  return std::string(message);
}

std::optional<Problem> size_problem(std::string_view text, std::string_view what, size_t bytes_max) {
  if (text.size() <= bytes_max) return std::nullopt;
  return Problem{"", std::string(what) + " is too large: found " + std::to_string(text.size()) + " bytes, at most " +
                         std::to_string(bytes_max) + " are allowed"};
}

}  // namespace

base::Result<json, Problem> parse_json(std::string_view text, std::string_view what, const JsonLimits& limits) {
  if (const auto problem = size_problem(text, what, limits.bytes_max)) return base::fail(*problem);
  Watcher watcher(what, limits.depth_max);
  try {
    return json::parse(text, [&](int, json::parse_event_t event, json& parsed) { return watcher(event, parsed); });
  } catch (const Problem& problem) {
    return base::fail(problem);
  } catch (const json::exception& error) {
    return base::fail(Problem{"", std::string(what) + " is not JSON: " + parse_error_text(error.what())});
  }
}

std::string shown_value(const json& value) {
  std::string text = value.dump(-1, ' ', false, json::error_handler_t::replace);
  if (text.size() <= kShownBytesMax) return text;
  size_t end = kShownBytesMax;
  while (end > 0 && (static_cast<uint8_t>(text[end]) & 0xC0) == 0x80) --end;  // Never cut a character.
  return text.substr(0, end) + "…";
}

std::string_view type_with_article(const json& value) {
  switch (value.type()) {
    case json::value_t::object:
      return "an object";
    case json::value_t::array:
      return "an array";
    case json::value_t::string:
      return "a string";
    case json::value_t::boolean:
      return "a boolean";
    case json::value_t::number_integer:
    case json::value_t::number_unsigned:
      return "an integer";
    case json::value_t::number_float:
      return "a number";
    default:
      return "null";
  }
}

}  // namespace patchbay::package

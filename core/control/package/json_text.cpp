#include "package/json_text.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

namespace patchbay::package {

namespace {

using nlohmann::json;

constexpr size_t kShownBytesMax = 80;

/// The parser's message without its own prefix and without what it read last, which may be part of a secret.
std::string parse_error_text(std::string_view message) {
  const size_t prefix = message.find("] ");
  if (prefix != std::string_view::npos) message.remove_prefix(prefix + 2);
  message = message.substr(0, message.find("; last read"));
  return std::string(message);
}

/// Builds the document of what the parser reads, and ends the parsing at the first thing that the grammar allows and we
/// don't, or that the grammar doesn't allow. Functions named and typed as the parser calls them; false ends it.
class DocumentBuilder {
 public:
  DocumentBuilder(std::string_view what, size_t depth_max) : what_(what), depth_max_(depth_max) {}

  bool null() { return put(nullptr); }
  bool boolean(bool value) { return put(value); }
  bool number_integer(json::number_integer_t value) { return put(value); }
  bool number_unsigned(json::number_unsigned_t value) { return put(value); }
  bool number_float(json::number_float_t value, const std::string& written) {
    static_cast<void>(written);
    return put(value);
  }
  bool string(const std::string& value) { return put(value); }
  bool binary(const json::binary_t& value) {
    static_cast<void>(value);
    return fail({"", std::string(what_) + " is not JSON: it holds bytes"});  // No text does.
  }

  bool start_object(size_t members) {
    static_cast<void>(members);
    return open(json::value_t::object);
  }
  bool start_array(size_t elements) {
    static_cast<void>(elements);
    return open(json::value_t::array);
  }
  bool end_object() { return close(); }
  bool end_array() { return close(); }

  bool key(const std::string& name) {
    Level& level = levels_.back();
    const auto [member, is_new] = level.container->get_ref<json::object_t&>().try_emplace(name);
    level.member = member;
    return is_new || fail({pointer(), "this member is there twice"});
  }

  bool parse_error(size_t position, const std::string& last_token, const json::exception& error) {
    static_cast<void>(position);
    static_cast<void>(last_token);
    return fail({"", std::string(what_) + " is not JSON: " + parse_error_text(error.what())});
  }

  base::Result<json, Problem> take() {
    if (problem_) return base::fail(std::move(*problem_));
    return std::move(document_);
  }

 private:
  struct Level {
    json* container;  ///< stays where it is until it has been closed: nothing is put in beside it
    json::object_t::iterator member;
  };

  bool fail(Problem problem) {
    problem_ = std::move(problem);
    return false;
  }

  template <class Value>
  bool put(const Value& value) {
    add(json(value));
    return true;
  }

  json& add(json value) {
    if (levels_.empty()) return document_ = std::move(value);
    const Level& level = levels_.back();
    if (level.container->is_object()) return level.member->second = std::move(value);
    return level.container->get_ref<json::array_t&>().emplace_back(std::move(value));
  }

  bool open(json::value_t type) {
    if (levels_.size() == depth_max_) {
      return fail({"", std::string(what_) + " is nested deeper than the " + std::to_string(depth_max_) +
                           " levels that are allowed"});
    }
    json& container = add(json(type));
    levels_.push_back({&container, {}});
    return true;
  }

  bool close() {
    levels_.pop_back();
    return true;
  }

  [[nodiscard]] std::string pointer() const {
    std::string text;
    for (const Level& level : levels_) {
      text = level.container->is_object() ? pointer_to(text, level.member->first)
                                          : pointer_to(text, level.container->size() - 1);
    }
    return text;
  }

  std::string_view what_;
  size_t depth_max_;
  json document_;
  std::vector<Level> levels_;
  std::optional<Problem> problem_;
};

std::optional<Problem> size_problem(std::string_view text, std::string_view what, size_t bytes_max) {
  if (text.size() <= bytes_max) return std::nullopt;
  return Problem{"", std::string(what) + " is too large: found " + std::to_string(text.size()) + " bytes, at most " +
                         std::to_string(bytes_max) + " are allowed"};
}

}  // namespace

base::Result<json, Problem> parse_json(std::string_view text, std::string_view what, const JsonLimits& limits) {
  if (const auto problem = size_problem(text, what, limits.bytes_max)) return base::fail(*problem);
  DocumentBuilder builder(what, limits.depth_max);
  json::sax_parse(text, &builder);
  return builder.take();
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

#include "package/settings_check.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "package/json_number.h"
#include "package/json_text.h"
#include "package/schema_compiler.h"
#include "package/schema_keywords.h"
#include "package/secret_source.h"
#include "package/text_format.h"

namespace patchbay::package {

namespace {

using nlohmann::json;
using Kind = SchemaKind;

constexpr size_t kProblemsMax = 100;   // Of one document; nobody reads more, and REST bodies stay small.
constexpr size_t kNamesShownMax = 32;  // In a list of what is allowed.

bool is_whole(const json& value) {
  if (value.is_number_integer()) return true;
  return value.is_number_float() && std::floor(value.get<double>()) == value.get<double>();
}

bool has_type(uint32_t kind, const json& value) {
  switch (kind) {
    case Kind::object:
    case Kind::choice:
      return value.is_object();
    case Kind::array:
      return value.is_array();
    case Kind::string:
      return value.is_string();
    case Kind::integer:
      return value.is_number() && is_whole(value);
    case Kind::number:
      return value.is_number();
    case Kind::boolean:
      return value.is_boolean();
    default:
      return true;
  }
}

/// Characters, as JSON Schema counts a string's length: bytes that don't continue one.
size_t count_characters(const std::string& text) {
  size_t count = 0;
  for (const char byte : text) count += (static_cast<uint8_t>(byte) & 0xC0) != 0x80 ? 1 : 0;
  return count;
}

std::string listed(const json& values) {
  std::string text;
  size_t count = 0;
  for (const json& value : values) {
    if (count == kNamesShownMax) return text + ", …";
    text += (count++ == 0 ? "" : ", ") + shown_value(value);
  }
  return text;
}

/// Where in the document a check is; a pointer is written of it only where something is wrong.
class Place {
 public:
  Place() = default;
  Place(const Place& above, std::string_view member) : above_(&above), member_(member) {}
  Place(const Place& above, size_t index) : above_(&above), index_(index), is_element_(true) {}

  [[nodiscard]] std::string pointer() const {
    if (above_ == nullptr) return {};
    return is_element_ ? pointer_to(above_->pointer(), index_) : pointer_to(above_->pointer(), member_);
  }

 private:
  const Place* above_ = nullptr;
  std::string_view member_;
  size_t index_ = 0;
  bool is_element_ = false;
};

class SettingsCheck {
 public:
  SettingsCheck(References references, bool hide_values) : references_(references), hide_values_(hide_values) {}

  void check(const SchemaPlace& schema, const json& value, const Place& place) {
    if (problems_.size() >= kProblemsMax) return;
    const SchemaShape& shape = *schema.shape;
    const bool hidden = hide_values_ || schema.is_secret;
    if (!has_type(shape.kind, value)) {
      return add(place, found(value, hidden, value.is_null()) + ", expected " +
                            std::string(schema_kind_name(shape.kind == Kind::choice ? Kind::object : shape.kind)));
    }
    if (shape.kind == Kind::choice) return check_choice(shape, value, place);
    if (shape.kind == Kind::object) return check_object(shape, value, place);
    if (shape.kind == Kind::array) return check_array(shape, value, place);
    if (is_open_reference(value)) return;
    check_constants(shape, value, place, hidden);
    if (shape.kind == Kind::string) check_string(shape, value.get_ref<const std::string&>(), place, hidden);
    if (!shape.bounds.empty()) check_number(shape, value, place, hidden);
  }

  Problems take() { return std::move(problems_); }

 private:
  void add(const Place& place, std::string text) {
    if (problems_.size() < kProblemsMax) problems_.push_back({place.pointer(), std::move(text)});
  }

  /// "found 17" or, for what nobody should see, "found a string".
  static std::string found(const json& value, bool hidden, bool type_only = false) {
    if (hidden || type_only) return "found " + std::string(type_with_article(value));
    return "found " + shown_value(value);
  }

  [[nodiscard]] bool is_open_reference(const json& value) const {
    return references_ == References::accept && value.is_string() &&
           has_secret_reference(value.get_ref<const std::string&>());
  }

  void check_choice(const SchemaShape& shape, const json& value, const Place& place) {
    const std::string& name = shape.discriminator;
    const auto named = value.find(name);
    json allowed = json::array();
    for (const SchemaShape::Branch& branch : shape.branches) {
      if (named != value.end() && *branch.constant == *named) return check_object(*branch.shape, value, place);
      allowed.push_back(*branch.constant);
    }
    const Place here(place, name);
    if (named == value.end()) return add(here, "is required and missing, expected one of " + listed(allowed));
    add(here, found(*named, hide_values_) + ", expected one of " + listed(allowed));
  }

  void check_object(const SchemaShape& shape, const json& value, const Place& place) {
    check_count(shape.count, value.size(), "members", place);
    for (const std::string_view name : shape.required) {
      if (!value.contains(name)) add(Place(place, name), "is required and missing");
    }
    for (const auto& [name, inner] : value.get_ref<const json::object_t&>())
      check_member(shape, name, inner, Place(place, name));
  }

  void check_member(const SchemaShape& shape, const std::string& name, const json& value, const Place& place) {
    if (problems_.size() >= kProblemsMax) return;
    if (shape.names.shape != nullptr) {
      const json text = name;
      check(shape.names, text, place);
    }
    const SchemaPlace member = shape.member(name);
    if (member.shape != nullptr) return check(member, value, place);
    if (shape.takes_others) return;
    json known = json::array();
    for (const SchemaShape::Member& one : shape.members) known.push_back(one.name);
    add(place, known.empty() ? "is unknown, nothing is allowed here" : "is unknown, expected one of " + listed(known));
  }

  void check_array(const SchemaShape& shape, const json& value, const Place& place) {
    check_count(shape.count, value.size(), "elements", place);
    const bool described = shape.items.shape != nullptr;
    for (size_t index = 0; described && index < value.size(); ++index)
      check(shape.items, value[index], Place(place, index));
    if (shape.unique_items) check_unique(value, place);
  }

  void check_unique(const json& value, const Place& place) {
    std::map<json, size_t> seen;
    for (size_t index = 0; index < value.size(); ++index) {
      const auto [earlier, is_new] = seen.emplace(value[index], index);
      if (is_new) continue;
      add(Place(place, index), "is the same as element " + std::to_string(earlier->second) + ", but all must differ");
    }
  }

  void check_count(const CountBounds& bounds, size_t count, const char* what, const Place& place) {
    if (count >= bounds.least && count <= bounds.most) return;
    const std::string has = "found " + std::to_string(count) + " " + what + ", expected at ";
    if (count < bounds.least) add(place, has + "least " + std::to_string(bounds.least));
    if (count > bounds.most) add(place, has + "most " + std::to_string(bounds.most));
  }

  void check_constants(const SchemaShape& shape, const json& value, const Place& place, bool hidden) {
    if (shape.constant != nullptr && *shape.constant != value)
      add(place, found(value, hidden) + ", expected " + shown_value(*shape.constant));
    const json* const allowed = shape.allowed;
    if (allowed == nullptr || std::find(allowed->begin(), allowed->end(), value) != allowed->end()) return;
    add(place, found(value, hidden) + ", expected one of " + listed(*allowed));
  }

  void check_string(const SchemaShape& shape, const std::string& text, const Place& place, bool hidden) {
    if (shape.count.are_set()) check_count(shape.count, count_characters(text), "characters", place);
    if (shape.pattern != nullptr && !shape.pattern->is_found_in(text))
      add(place, found(text, hidden) + ", expected something like " + shape.pattern->text());
    if (shape.format == nullptr) return;
    const auto problem = format_problem(*shape.format, text);
    if (problem) add(place, found(text, hidden) + ", expected " + *problem);
  }

  void check_number(const SchemaShape& shape, const json& value, const Place& place, bool hidden) {
    const long double number = number_of(value);
    for (const NumberBound& bound : shape.bounds) {
      if (bound.holds(number, bound.limit)) continue;
      add(place, found(value, hidden) + ", expected " + bound.words + bound.written->dump());
    }
  }

  References references_;
  bool hide_values_;
  Problems problems_;
};

}  // namespace

Problems check_place(const SchemaPlace& schema, const json& value, References references, bool hide_values) {
  SettingsCheck checking(references, hide_values);
  checking.check(schema, value, Place());
  return checking.take();
}

Problems check_settings(const json& schema, const json& value, References references, bool hide_values) {
  SchemaCompiler compiler(schema);
  return check_place(compiler.place_of(schema), value, references, hide_values);
}

}  // namespace patchbay::package

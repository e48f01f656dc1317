#include "package/settings_check.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "package/json_text.h"
#include "package/pattern.h"
#include "package/schema_keywords.h"
#include "package/schema_node.h"
#include "package/secret_source.h"
#include "package/text_format.h"

namespace patchbay::package {

namespace {

using nlohmann::json;
using Kind = SchemaKind;

constexpr size_t kProblemsMax = 100;   // Of one document; nobody reads more, and REST bodies stay small.
constexpr size_t kNamesShownMax = 32;  // In a list of what is allowed.

/// Exact for every 64-bit integer where long double has 64 bits of mantissa (x86); elsewhere as exact as doubles are.
long double number_of(const json& value) {
  if (value.is_number_unsigned()) return static_cast<long double>(value.get<uint64_t>());
  if (value.is_number_integer()) return static_cast<long double>(value.get<int64_t>());
  return static_cast<long double>(value.get<double>());
}

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

class SettingsCheck {
 public:
  SettingsCheck(References references, bool hide_values) : references_(references), hide_values_(hide_values) {}

  void check(const SchemaNode& node, const json& value, const std::string& pointer) {
    if (problems_.size() >= kProblemsMax) return;
    const json& target = node.target();
    const uint32_t kind = schema_kind(target);
    const bool hidden = hide_values_ || node.flag("x-secret");
    if (!has_type(kind, value)) {
      return add(pointer, found(value, hidden, value.is_null()) + ", expected " +
                              std::string(schema_kind_name(kind == Kind::choice ? Kind::object : kind)));
    }
    if (kind == Kind::choice) return check_choice(node, value, pointer);
    if (kind == Kind::object) return check_object(node, value, pointer);
    if (kind == Kind::array) return check_array(node, value, pointer);
    if (is_open_reference(value)) return;
    check_constants(target, value, pointer, hidden);
    if (kind == Kind::string) check_string(target, value.get_ref<const std::string&>(), pointer, hidden);
    if (kind == Kind::integer || kind == Kind::number) check_number(target, value, pointer, hidden);
  }

  Problems take() { return std::move(problems_); }

 private:
  void add(const std::string& pointer, std::string text) {
    if (problems_.size() < kProblemsMax) problems_.push_back({pointer, std::move(text)});
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

  void check_choice(const SchemaNode& node, const json& value, const std::string& pointer) {
    const auto branch = node.chosen(value);
    if (branch) return check_object(*branch, value, pointer);
    const std::string name = node.discriminator();
    json allowed = json::array();
    for (const SchemaNode& each : node.branches()) allowed.push_back(*each.member(name)->keyword("const"));
    const std::string here = pointer_to(pointer, name);
    if (!value.contains(name)) return add(here, "is required and missing, expected one of " + listed(allowed));
    add(here, found(value[name], hide_values_) + ", expected one of " + listed(allowed));
  }

  void check_object(const SchemaNode& node, const json& value, const std::string& pointer) {
    const json& target = node.target();
    check_count(target, "minProperties", "maxProperties", value.size(), "members", pointer);
    const auto required = target.find("required");
    if (required != target.end()) {
      for (const json& name : *required) {
        const auto& text = name.get_ref<const std::string&>();
        if (!value.contains(text)) add(pointer_to(pointer, text), "is required and missing");
      }
    }
    for (const auto& [name, inner] : value.items()) check_member(node, name, inner, pointer_to(pointer, name));
  }

  void check_member(const SchemaNode& node, const std::string& name, const json& value, const std::string& pointer) {
    if (problems_.size() >= kProblemsMax) return;
    const json& target = node.target();
    const auto names = target.find("propertyNames");
    if (names != target.end()) {
      const json text = name;
      check(node.beside(*names), text, pointer);
    }
    if (const auto member = node.member(name)) return check(*member, value, pointer);
    const auto others = target.find("additionalProperties");
    if (others != target.end() && *others == true) return;
    const auto properties = target.find("properties");
    json known = json::array();
    if (properties != target.end()) {
      for (const auto& [known_name, schema] : properties->items()) known.push_back(known_name);
    }
    add(pointer,
        known.empty() ? "is unknown, nothing is allowed here" : "is unknown, expected one of " + listed(known));
  }

  void check_array(const SchemaNode& node, const json& value, const std::string& pointer) {
    const json& target = node.target();
    check_count(target, "minItems", "maxItems", value.size(), "elements", pointer);
    const auto items = node.items();
    for (size_t index = 0; items && index < value.size(); ++index) {
      check(*items, value[index], pointer_to(pointer, index));
    }
    if (node.flag("uniqueItems")) check_unique(value, pointer);
  }

  void check_unique(const json& value, const std::string& pointer) {
    std::map<json, size_t> seen;
    for (size_t index = 0; index < value.size(); ++index) {
      const auto [earlier, is_new] = seen.emplace(value[index], index);
      if (is_new) continue;
      add(pointer_to(pointer, index),
          "is the same as element " + std::to_string(earlier->second) + ", but all must differ");
    }
  }

  void check_count(const json& target, const char* least, const char* most, size_t count, const char* what,
                   const std::string& pointer) {
    const auto minimum = target.find(least);
    const auto maximum = target.find(most);
    const std::string has = "found " + std::to_string(count) + " " + what + ", expected at ";
    if (minimum != target.end() && count < minimum->get<uint64_t>()) add(pointer, has + "least " + minimum->dump());
    if (maximum != target.end() && count > maximum->get<uint64_t>()) add(pointer, has + "most " + maximum->dump());
  }

  void check_constants(const json& target, const json& value, const std::string& pointer, bool hidden) {
    const auto constant = target.find("const");
    if (constant != target.end() && *constant != value) {
      add(pointer, found(value, hidden) + ", expected " + shown_value(*constant));
    }
    const auto allowed = target.find("enum");
    if (allowed == target.end() || std::find(allowed->begin(), allowed->end(), value) != allowed->end()) return;
    add(pointer, found(value, hidden) + ", expected one of " + listed(*allowed));
  }

  void check_string(const json& target, const std::string& text, const std::string& pointer, bool hidden) {
    check_count(target, "minLength", "maxLength", count_characters(text), "characters", pointer);
    const auto pattern = target.find("pattern");
    if (pattern != target.end() && !pattern_is_found(pattern->get_ref<const std::string&>(), text)) {
      add(pointer, found(text, hidden) + ", expected something like " + pattern->get_ref<const std::string&>());
    }
    const auto format = target.find("format");
    if (format == target.end()) return;
    const auto problem = format_problem(format->get_ref<const std::string&>(), text);
    if (problem) add(pointer, found(text, hidden) + ", expected " + *problem);
  }

  void check_number(const json& target, const json& value, const std::string& pointer, bool hidden) {
    struct Bound {
      const char* name;
      const char* words;
      bool (*holds)(long double, long double);
    };
    static constexpr Bound kBounds[] = {
        {"minimum", "at least ", [](long double left, long double right) { return left >= right; }},
        {"maximum", "at most ", [](long double left, long double right) { return left <= right; }},
        {"exclusiveMinimum", "above ", [](long double left, long double right) { return left > right; }},
        {"exclusiveMaximum", "below ", [](long double left, long double right) { return left < right; }},
        {"multipleOf", "a multiple of ", is_multiple},
    };
    for (const Bound& bound : kBounds) {
      const auto limit = target.find(bound.name);
      if (limit == target.end() || bound.holds(number_of(value), number_of(*limit))) continue;
      add(pointer, found(value, hidden) + ", expected " + bound.words + limit->dump());
    }
  }

  /// Decimal fractions such as 0.1 have no exact double, hence the tolerance.
  static bool is_multiple(long double value, long double step) {
    const long double ratio = value / step;
    return std::fabs(ratio - std::round(ratio)) < 1e-9L;
  }

  References references_;
  bool hide_values_;
  Problems problems_;
};

}  // namespace

Problems check_settings(const json& schema, const json& value, References references, bool hide_values) {
  SettingsCheck checking(references, hide_values);
  checking.check(SchemaNode(schema, schema), value, "");
  return checking.take();
}

Problems check_value(const json& root, const json& node, const json& value) {
  SettingsCheck checking(References::plain, false);
  checking.check(SchemaNode(root, node), value, "");
  return checking.take();
}

}  // namespace patchbay::package

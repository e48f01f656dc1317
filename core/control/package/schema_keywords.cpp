#include "package/schema_keywords.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "package/json_text.h"
#include "package/pattern.h"
#include "package/text_format.h"

namespace patchbay::package {

namespace {

using nlohmann::json;
using Kind = SchemaKind;
using Value = KeywordValue;

constexpr uint32_t kScalars = Kind::string | Kind::integer | Kind::number | Kind::boolean | Kind::constants;
constexpr uint32_t kNumbers = Kind::integer | Kind::number;

constexpr SchemaKeyword kKeywords[] = {
    {"$comment", Kind::all, Value::text},
    {"$defs", Kind::all, Value::schema_map, true},
    {"$id", Kind::all, Value::text, true},
    {"$ref", Kind::reference, Value::text},
    {"$schema", Kind::all, Value::text, true},
    {"additionalProperties", Kind::object, Value::schema_or_boolean},
    {"const", kScalars, Value::anything},
    {"default", Kind::all, Value::anything},
    {"definitions", Kind::all, Value::schema_map, true},
    {"deprecated", Kind::all, Value::boolean},
    {"description", Kind::all, Value::text},
    {"enum", kScalars, Value::values},
    {"examples", Kind::all, Value::values},
    {"exclusiveMaximum", kNumbers, Value::number},
    {"exclusiveMinimum", kNumbers, Value::number},
    {"format", Kind::string, Value::format},
    {"items", Kind::array, Value::schema},
    {"maxItems", Kind::array, Value::count},
    {"maxLength", Kind::string, Value::count},
    {"maxProperties", Kind::object, Value::count},
    {"maximum", kNumbers, Value::number},
    {"minItems", Kind::array, Value::count},
    {"minLength", Kind::string, Value::count},
    {"minProperties", Kind::object, Value::count},
    {"minimum", kNumbers, Value::number},
    {"multipleOf", kNumbers, Value::positive},
    {"oneOf", Kind::choice, Value::branches},
    {"pattern", Kind::string, Value::pattern},
    {"properties", Kind::object, Value::schema_map},
    {"propertyNames", Kind::object, Value::schema},
    {"required", Kind::object, Value::names},
    {"title", Kind::all, Value::text},
    {"type", Kind::all & ~(Kind::reference | Kind::constants), Value::text},
    {"uniqueItems", Kind::array, Value::boolean},
    {"x-restart", Kind::all, Value::boolean},
    {"x-secret", Kind::string | Kind::reference, Value::boolean},
    {"x-ui", Kind::all, Value::object},
};

struct KindName {
  uint32_t kind;
  std::string_view type;
  std::string_view name;
};
constexpr KindName kKinds[] = {
    {Kind::object, "object", "an object"}, {Kind::array, "array", "an array"},
    {Kind::string, "string", "a string"},  {Kind::integer, "integer", "an integer"},
    {Kind::number, "number", "a number"},  {Kind::boolean, "boolean", "a boolean"},
    {Kind::constants, "", "an enum"},      {Kind::choice, "", "a oneOf"},
    {Kind::reference, "", "a $ref"},
};

std::string found(const json& value, std::string_view expected) {
  return "found " + shown_value(value) + ", expected " + std::string(expected);
}

std::optional<std::string> names_problem(const json& value) {
  if (!value.is_array()) return found(value, "an array of names");
  for (const json& name : value) {
    if (!name.is_string()) return found(name, "a name");
    if (std::count(value.begin(), value.end(), name) > 1) return "names " + shown_value(name) + " twice";
  }
  return std::nullopt;
}

std::optional<std::string> format_name_problem(const json& value) {
  if (value.is_string() && is_format(value.get_ref<const std::string&>())) return std::nullopt;
  std::string known;
  for (const std::string_view name : format_names()) known += (known.empty() ? "" : ", ") + std::string(name);
  return found(value, "one of " + known);
}

std::optional<std::string> text_problem(KeywordValue kind, const json& value) {
  if (!value.is_string()) return found(value, "a string");
  if (kind != Value::pattern) return std::nullopt;
  return pattern_problem(value.get_ref<const std::string&>());
}

std::optional<std::string> number_problem(KeywordValue kind, const json& value) {
  if (kind == Value::count) {
    return value.is_number_unsigned() ? std::nullopt : std::optional(found(value, "an integer from 0"));
  }
  if (!value.is_number()) return found(value, "a number");
  if (kind == Value::positive && value.get<double>() <= 0) return found(value, "a number above 0");
  return std::nullopt;
}

std::optional<std::string> container_problem(KeywordValue kind, const json& value) {
  const bool wants_array = kind == Value::values || kind == Value::branches;
  if (wants_array) {
    return value.is_array() && !value.empty() ? std::nullopt : std::optional(found(value, "an array that isn't empty"));
  }
  if (kind == Value::schema_or_boolean && value.is_boolean()) return std::nullopt;
  if (value.is_object()) return std::nullopt;
  return found(value, kind == Value::schema_or_boolean ? "a schema, true or false" : "an object");
}

}  // namespace

std::span<const SchemaKeyword> schema_keywords() {
  return kKeywords;
}

uint32_t schema_kind(const json& node) {
  if (node.contains("$ref")) return Kind::reference;
  if (node.contains("oneOf")) return Kind::choice;
  const auto type = node.find("type");
  if (type == node.end()) return node.contains("enum") || node.contains("const") ? Kind::constants : 0;
  if (!type->is_string()) return 0;
  for (const KindName& kind : kKinds) {
    if (!kind.type.empty() && kind.type == type->get_ref<const std::string&>()) return kind.kind;
  }
  return 0;
}

std::string_view schema_kind_name(uint32_t kind) {
  for (const KindName& row : kKinds) {
    if (row.kind == kind) return row.name;
  }
  return "nothing known";
}

std::optional<std::string> keyword_value_problem(KeywordValue kind, const json& value) {
  switch (kind) {
    case Value::text:
    case Value::pattern:
      return text_problem(kind, value);
    case Value::format:
      return format_name_problem(value);
    case Value::boolean:
      return value.is_boolean() ? std::nullopt : std::optional(found(value, "true or false"));
    case Value::number:
    case Value::positive:
    case Value::count:
      return number_problem(kind, value);
    case Value::names:
      return names_problem(value);
    case Value::anything:
      return std::nullopt;
    default:
      return container_problem(kind, value);
  }
}

}  // namespace patchbay::package

#include "admin/schema.h"

#include <charconv>

#include "package/json_text.h"
#include "package/schema_subset.h"

namespace patchbay::admin {

namespace {

constexpr const char* kKindKeywords[] = {"type", "enum", "const", "oneOf", "$ref"};

bool has_kind(const Json& node) {
  for (const char* keyword : kKindKeywords) {
    if (node.contains(keyword)) return true;
  }
  return false;
}

/// The schema for the subset's own check, which knows no schema without a type.
Json with_types(const Json& node) {
  if (node.is_array()) {
    Json copy = Json::array();
    for (const Json& inner : node) copy.push_back(with_types(inner));
    return copy;
  }
  if (!node.is_object()) return node;
  Json copy = node;
  for (const char* keyword : {"items", "additionalProperties", "oneOf"}) {
    if (copy.contains(keyword)) copy[keyword] = with_types(copy[keyword]);
  }
  if (copy.contains("properties")) {
    for (auto& [name, inner] : copy["properties"].items()) inner = with_types(inner);
  }
  if (!has_kind(copy)) copy["type"] = "boolean";
  return copy;
}

Json described(Json schema, std::string_view description) {
  if (!description.empty()) schema["description"] = description;
  return schema;
}

template <class Number>
bool read_number(std::string_view text, Json& value) {
  Number number{};
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end) return false;
  value = number;
  return true;
}

/// The value that a text stands for; the text itself where it stands for none of that type.
Json value_of(std::string_view type, std::string_view text) {
  Json value = std::string(text);
  if (type == "boolean" && (text == "true" || text == "false")) return text == "true";
  if (type == "integer" && !read_number<uint64_t>(text, value)) read_number<int64_t>(text, value);
  if (type == "number") read_number<double>(text, value);
  return value;
}

}  // namespace

namespace schema {

Json object(Members properties, std::initializer_list<const char*> required) {
  Json members = Json::object();
  for (const auto& [name, inner] : properties) members[name] = inner;
  Json result = {{"type", "object"}, {"properties", std::move(members)}};
  if (required.size() == 0) return result;
  result["required"] = Json::array();
  for (const char* name : required) result["required"].push_back(name);
  return result;
}

Json open_object() {
  return {{"type", "object"}, {"additionalProperties", true}};
}

Json map_of(Json values) {
  return {{"type", "object"}, {"additionalProperties", std::move(values)}};
}

Json array(Json items, uint64_t max_items) {
  return {{"type", "array"}, {"items", std::move(items)}, {"maxItems", max_items}};
}

Json string(std::string_view description) {
  return described({{"type", "string"}}, description);
}

Json text(uint64_t min_length, uint64_t max_length, std::string_view description) {
  return described({{"type", "string"}, {"minLength", min_length}, {"maxLength", max_length}}, description);
}

Json integer(uint64_t minimum, uint64_t maximum, std::string_view description) {
  return described({{"type", "integer"}, {"minimum", minimum}, {"maximum", maximum}}, description);
}

Json number(std::string_view description) {
  return described({{"type", "number"}}, description);
}

Json boolean(std::string_view description) {
  return described({{"type", "boolean"}}, description);
}

Json one_of_words(std::initializer_list<const char*> words, std::string_view description) {
  Json list = Json::array();
  for (const char* word : words) list.push_back(word);
  return described({{"type", "string"}, {"enum", std::move(list)}}, description);
}

Json date_time(std::string_view description) {
  return described({{"type", "string"}, {"format", "date-time"}}, description);
}

Json anything(std::string_view description) {
  return {{"description", description}};
}

Json qos() {
  return integer(0, 2, "quality of service");
}

Json with_default(Json schema, Json value) {
  schema["default"] = std::move(value);
  return schema;
}

}  // namespace schema

std::vector<std::string> schema_problems(const Json& schema) {
  const Json wrapped = {{"type", "object"}, {"properties", {{"it", with_types(schema)}}}};
  std::vector<std::string> lines;
  for (const package::Problem& problem : package::check_schema_subset(wrapped))
    lines.push_back(package::problem_line(problem));
  return lines;
}

package::Problems check_body(const Json& schema, const Json& body) {
  return package::CompiledSchema(schema).check(body);
}

package::Problems check_parameter(const Json& schema, std::string_view text) {
  return check_parameter(schema, package::CompiledSchema(schema), text);
}

package::Problems check_parameter(const Json& schema, const package::CompiledSchema& compiled, std::string_view text) {
  return compiled.check(value_of(schema.value("type", std::string()), text));
}

std::string problem_sentence(const package::Problems& problems) {
  constexpr size_t kShownMax = 10;
  std::string sentence;
  for (size_t index = 0; index < problems.size() && index < kShownMax; ++index) {
    if (index > 0) sentence += "; ";
    sentence += problems[index].pointer.empty() ? problems[index].text : package::problem_line(problems[index]);
  }
  if (problems.size() > kShownMax) sentence += "; and " + std::to_string(problems.size() - kShownMax) + " more";
  return sentence;
}

}  // namespace patchbay::admin

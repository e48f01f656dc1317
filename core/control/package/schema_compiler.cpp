#include "package/schema_compiler.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "package/json_number.h"
#include "package/schema_keywords.h"
#include "package/schema_node.h"

namespace patchbay::package {

namespace {

using nlohmann::json;
using Kind = SchemaKind;

const json* find_in(const json& target, const char* keyword) {
  const auto found = target.find(keyword);
  return found == target.end() ? nullptr : &*found;
}

/// Decimal fractions such as 0.1 have no exact double, hence the tolerance.
bool is_multiple(long double value, long double step) {
  const long double ratio = value / step;
  return std::fabs(ratio - std::round(ratio)) < 1e-9L;
}

CountBounds count_bounds(const json& target, const char* least, const char* most) {
  CountBounds bounds;
  if (const json* const minimum = find_in(target, least)) bounds.least = minimum->get<uint64_t>();
  if (const json* const maximum = find_in(target, most)) bounds.most = maximum->get<uint64_t>();
  return bounds;
}

std::vector<NumberBound> number_bounds(const json& target) {
  struct Rule {
    const char* keyword;
    const char* words;
    bool (*holds)(long double value, long double limit);
  };
  static constexpr Rule kRules[] = {
      {"minimum", "at least ", [](long double value, long double limit) { return value >= limit; }},
      {"maximum", "at most ", [](long double value, long double limit) { return value <= limit; }},
      {"exclusiveMinimum", "above ", [](long double value, long double limit) { return value > limit; }},
      {"exclusiveMaximum", "below ", [](long double value, long double limit) { return value < limit; }},
      {"multipleOf", "a multiple of ", is_multiple},
  };
  std::vector<NumberBound> bounds;
  for (const Rule& rule : kRules) {
    const json* const limit = find_in(target, rule.keyword);
    if (limit != nullptr) bounds.push_back({rule.words, rule.holds, number_of(*limit), limit});
  }
  return bounds;
}

void read_string(const json& target, SchemaShape& shape) {
  shape.count = count_bounds(target, "minLength", "maxLength");
  const json* const pattern = find_in(target, "pattern");
  if (pattern != nullptr) shape.pattern = std::make_unique<Pattern>(pattern->get_ref<const std::string&>());
  const json* const format = find_in(target, "format");
  if (format != nullptr) shape.format = &format->get_ref<const std::string&>();
}

}  // namespace

SchemaPlace SchemaShape::member(std::string_view name) const {
  const auto found = std::lower_bound(members.begin(), members.end(), name,
                                      [](const Member& one, std::string_view wanted) { return one.name < wanted; });
  return found != members.end() && found->name == name ? found->place : others;
}

SchemaPlace SchemaCompiler::place_of(const json& node) {
  const SchemaNode place(root_, node);
  return {&shape_of(place.target()), place.flag("x-secret")};
}

const SchemaShape& SchemaCompiler::shape_of(const json& target) {
  std::unique_ptr<SchemaShape>& known = shapes_[&target];
  if (known != nullptr) return *known;
  SchemaShape& shape = *(known = std::make_unique<SchemaShape>());
  shape.kind = schema_kind(target);
  shape.constant = find_in(target, "const");
  shape.allowed = find_in(target, "enum");
  if (shape.kind == Kind::string) read_string(target, shape);
  if (shape.kind == Kind::integer || shape.kind == Kind::number) shape.bounds = number_bounds(target);
  if (shape.kind == Kind::object) read_object(target, shape);
  if (shape.kind == Kind::choice) read_choice(target, shape);
  if (shape.kind != Kind::array) return shape;
  shape.count = count_bounds(target, "minItems", "maxItems");
  shape.unique_items = SchemaNode(root_, target).flag("uniqueItems");
  if (const json* const items = find_in(target, "items")) shape.items = place_of(*items);
  return shape;
}

void SchemaCompiler::read_object(const json& target, SchemaShape& shape) {
  shape.count = count_bounds(target, "minProperties", "maxProperties");
  if (const json* const required = find_in(target, "required")) {
    for (const json& name : *required) shape.required.emplace_back(name.get_ref<const std::string&>());
  }
  // An object of this library keeps its members sorted by their names.
  if (const json* const properties = find_in(target, "properties")) {
    for (const auto& [name, schema] : properties->get_ref<const json::object_t&>())
      shape.members.push_back({name, place_of(schema)});
  }
  if (const json* const others = find_in(target, "additionalProperties")) {
    shape.takes_others = *others == true;
    if (others->is_object()) shape.others = place_of(*others);
  }
  if (const json* const names = find_in(target, "propertyNames")) shape.names = place_of(*names);
}

void SchemaCompiler::read_choice(const json& target, SchemaShape& shape) {
  const SchemaNode choice(root_, target);
  shape.discriminator = choice.discriminator();
  for (const SchemaNode& branch : choice.branches()) {
    const auto member = branch.member(shape.discriminator);
    shape.branches.push_back({member ? member->keyword("const") : nullptr, &shape_of(branch.target())});
  }
}

}  // namespace patchbay::package

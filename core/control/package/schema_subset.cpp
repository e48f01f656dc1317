#include "package/schema_subset.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "package/json_text.h"
#include "package/schema_keywords.h"
#include "package/schema_node.h"

namespace patchbay::package {

namespace {

using nlohmann::json;
using Kind = SchemaKind;

const SchemaKeyword* find_keyword(const std::string& name) {
  const auto all = schema_keywords();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const SchemaKeyword& keyword) { return keyword.name == name; });
  return found == all.end() ? nullptr : &*found;
}

class SubsetCheck {
 public:
  explicit SubsetCheck(const json& root) : root_(root) {}

  Problems run() {
    if (!root_.is_object()) {
      add("", "found " + std::string(type_with_article(root_)) + ", expected a schema: an object");
      return std::move(problems_);
    }
    const uint32_t kind = schema_kind(root_);
    if (kind != 0 && (kind & (Kind::object | Kind::choice)) == 0) {
      add("", "describes " + std::string(schema_kind_name(kind)) + ", but the whole must be an object");
    }
    for_each_schema(root_, "", [this](const std::string& pointer, const json& node) { check_node(pointer, node); });
    if (problems_.empty()) check_cycles();
    if (problems_.empty()) check_choices();
    return std::move(problems_);
  }

 private:
  void add(const std::string& pointer, std::string text) { problems_.push_back({pointer, std::move(text)}); }

  void check_node(const std::string& pointer, const json& node) {
    const uint32_t kind = schema_kind(node);
    if (kind == 0) return check_kind(pointer, node);
    for (const auto& [name, value] : node.items()) check_keyword(pointer, kind, name, value);
    if (kind == Kind::reference) check_reference(pointer, node["$ref"]);
    if (kind == Kind::object) check_object(pointer, node);
    if (kind == Kind::choice && node.contains("type") && node["type"] != "object") {
      add(pointer_to(pointer, "type"), "found " + shown_value(node["type"]) + " beside oneOf, expected \"object\"");
    }
    check_bounds(pointer, node);
  }

  void check_kind(const std::string& pointer, const json& node) {
    if (!node.contains("type")) return add(pointer, "needs one of type, enum, const, oneOf or $ref");
    add(pointer_to(pointer, "type"),
        "found " + shown_value(node["type"]) + ", expected one of object, array, string, integer, number, boolean");
  }

  void check_keyword(const std::string& pointer, uint32_t kind, const std::string& name, const json& value) {
    const std::string here = pointer_to(pointer, name);
    const SchemaKeyword* const keyword = find_keyword(name);
    if (keyword == nullptr) {
      return add(here, "is not in the subset of JSON Schema that plugin-sdk/schema/README.md describes");
    }
    if (keyword->root_only && !pointer.empty()) return add(here, "belongs to the root of the schema only");
    if ((keyword->kinds & kind) == 0) {
      return add(here, "does not belong to " + std::string(schema_kind_name(kind)));
    }
    if (const auto problem = keyword_value_problem(keyword->value, value)) return add(here, *problem);
    check_inner_schemas(here, keyword->value, value);
  }

  /// What for_each_schema() would pass over: places of schemas that hold something else.
  void check_inner_schemas(const std::string& pointer, KeywordValue kind, const json& value) {
    if (kind != KeywordValue::schema_map && kind != KeywordValue::branches) return;
    for (const auto& [name, inner] : value.items()) {
      if (!inner.is_object()) add(pointer_to(pointer, name), "found " + shown_value(inner) + ", expected a schema");
    }
  }

  void check_reference(const std::string& pointer, const json& reference) {
    if (!reference.is_string()) return;  // check_keyword() has said so.
    const json* const definition = find_definition(root_, reference.get_ref<const std::string&>());
    if (definition != nullptr && definition->is_object()) return;
    add(pointer_to(pointer, "$ref"),
        "found " + shown_value(reference) + ", expected \"#/definitions/<name>\" or \"#/$defs/<name>\" of this schema");
  }

  void check_object(const std::string& pointer, const json& node) {
    check_required(pointer, node);
    const auto names = node.find("propertyNames");
    if (names == node.end() || !names->is_object()) return;
    if ((schema_kind(*names) & ~(Kind::string | Kind::constants | Kind::reference)) == 0) return;
    add(pointer_to(pointer, "propertyNames"), "describes something else than a string");
  }

  void check_required(const std::string& pointer, const json& node) {
    const auto required = node.find("required");
    if (required == node.end() || !required->is_array()) return;
    const auto others = node.find("additionalProperties");
    if (others != node.end() && *others != false) return;
    for (size_t index = 0; index < required->size(); ++index) {
      const json& name = (*required)[index];
      if (!name.is_string()) continue;
      const auto properties = node.find("properties");
      if (properties != node.end() && properties->is_object() && properties->contains(name)) continue;
      add(pointer_to(pointer_to(pointer, "required"), index), shown_value(name) + " is not among the properties");
    }
  }

  void check_bounds(const std::string& pointer, const json& node) {
    constexpr std::string_view kPairs[][2] = {{"minimum", "maximum"},
                                              {"minLength", "maxLength"},
                                              {"minItems", "maxItems"},
                                              {"minProperties", "maxProperties"}};
    for (const auto& [low, high] : kPairs) {
      const auto least = node.find(low);
      const auto most = node.find(high);
      if (least == node.end() || most == node.end() || !least->is_number() || !most->is_number()) continue;
      if (*least > *most) {
        add(pointer_to(pointer, low),
            shown_value(*least) + " is above " + std::string(high) + " " + shown_value(*most));
      }
    }
  }

  /// A schema that contains itself has no end to draw or to fill with defaults.
  void check_cycles() {
    for (const std::string_view place : {"definitions", "$defs"}) {
      const auto definitions = root_.find(place);
      if (definitions == root_.end()) continue;
      for (const auto& [name, definition] : definitions->items()) {
        std::vector<std::string> trail;
        follow("#/" + std::string(place) + '/' + name, trail);
        if (!problems_.empty()) return;
      }
    }
    // A reference from outside of the definitions can only begin a cycle through "#/definitions", which is one of
    // those.
  }

  void follow(const std::string& reference, std::vector<std::string>& trail) {
    const auto begin = std::find(trail.begin(), trail.end(), reference);
    if (begin != trail.end()) {
      std::string cycle;
      for (auto step = begin; step != trail.end(); ++step) cycle += *step + " -> ";
      return add(reference.substr(1), "the definition contains itself: " + cycle + reference);
    }
    if (done_.contains(reference)) return;
    trail.push_back(reference);
    for_each_schema(*find_definition(root_, reference), "", [&](const std::string&, const json& node) {
      if (node.contains("$ref") && problems_.empty()) follow(node["$ref"].get<std::string>(), trail);
    });
    trail.pop_back();
    done_.insert(reference);
  }

  void check_choices() {
    for_each_schema(root_, "", [this](const std::string& pointer, const json& node) {
      if (node.contains("oneOf")) check_choice(pointer, SchemaNode(root_, node));
    });
  }

  void check_choice(const std::string& pointer, const SchemaNode& choice) {
    size_t index = 0;
    for (const SchemaNode& branch : choice.branches()) {
      const std::string here = pointer_to(pointer_to(pointer, "oneOf"), index++);
      const uint32_t kind = schema_kind(branch.target());
      if (kind != Kind::object) {
        return add(here, "is " + std::string(schema_kind_name(kind)) + ", expected an object");
      }
    }
    const std::string name = choice.discriminator();
    if (name.empty()) {
      return add(pointer_to(pointer, "oneOf"),
                 "needs a property that has another constant (const) in each branch, which tells them apart");
    }
    index = 0;
    for (const SchemaNode& branch : choice.branches()) {
      const json& target = branch.target();
      const auto required = target.find("required");
      const bool is_required =
          required != target.end() && std::find(required->begin(), required->end(), name) != required->end();
      if (!is_required) {
        add(pointer_to(pointer_to(pointer, "oneOf"), index), "must have " + shown_value(name) + " among required");
      }
      ++index;
    }
  }

  const json& root_;
  Problems problems_;
  std::set<std::string> done_;
};

}  // namespace

void for_each_schema(const json& schema, const std::string& pointer,
                     const std::function<void(const std::string& pointer, const json& node)>& visit) {
  if (!schema.is_object()) return;
  visit(pointer, schema);
  for (const auto& [name, value] : schema.items()) {
    const SchemaKeyword* const keyword = find_keyword(name);
    if (keyword == nullptr) continue;
    const std::string here = pointer_to(pointer, name);
    if (keyword->value == KeywordValue::schema || keyword->value == KeywordValue::schema_or_boolean) {
      for_each_schema(value, here, visit);
    } else if (keyword->value == KeywordValue::schema_map && value.is_object()) {
      for (const auto& [member, inner] : value.items()) for_each_schema(inner, pointer_to(here, member), visit);
    } else if (keyword->value == KeywordValue::branches && value.is_array()) {
      for (size_t index = 0; index < value.size(); ++index) {
        for_each_schema(value[index], pointer_to(here, index), visit);
      }
    }
  }
}

Problems check_schema_subset(const json& schema) {
  return SubsetCheck(schema).run();
}

}  // namespace patchbay::package

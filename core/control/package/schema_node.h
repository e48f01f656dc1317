#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::package {

/// A place in a schema that has passed schema_subset.h, which is what makes following it safe. Views the schema.
/// [any-thread]
class SchemaNode {
 public:
  SchemaNode(const nlohmann::json& root, const nlohmann::json& node) : root_(&root), node_(&node) {}

  /// The node with all `$ref` followed.
  [[nodiscard]] const nlohmann::json& target() const;
  /// A keyword of the node, or of what it refers to, the nearest first; null: nowhere.
  [[nodiscard]] const nlohmann::json* keyword(std::string_view name) const;
  /// An annotation such as x-secret is set here or where `$ref` leads.
  [[nodiscard]] bool flag(std::string_view name) const;

  [[nodiscard]] bool is_choice() const;
  /// The branches of a `oneOf`.
  [[nodiscard]] std::vector<SchemaNode> branches() const;
  /// The member whose constant tells the branches of a `oneOf` apart; "": there is none.
  [[nodiscard]] std::string discriminator() const;
  /// What describes `value`: the branch of a `oneOf` that its discriminator names, otherwise the node itself. Nothing
  /// when the value names no branch.
  [[nodiscard]] std::optional<SchemaNode> chosen(const nlohmann::json& value) const;

  /// What describes the member of that name; nothing when only additionalProperties allows it, or nothing does.
  [[nodiscard]] std::optional<SchemaNode> member(const std::string& name) const;
  /// A schema inside of this one, with the same root.
  [[nodiscard]] SchemaNode beside(const nlohmann::json& node) const { return {*root_, node}; }
  /// What describes the elements of an array.
  [[nodiscard]] std::optional<SchemaNode> items() const;

 private:
  const nlohmann::json* root_;
  const nlohmann::json* node_;
};

/// Where a local `$ref` leads: "#/definitions/<name>" or "#/$defs/<name>"; null when it leads nowhere. [any-thread]
[[nodiscard]] const nlohmann::json* find_definition(const nlohmann::json& root, std::string_view reference);

}  // namespace patchbay::package

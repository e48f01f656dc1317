#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <unordered_map>

#include "package/schema_shape.h"

namespace patchbay::package {

/// Takes schemas inside of one root apart, each once, however many references lead there. Owns the shapes. One thread
/// at a time.
class SchemaCompiler {
 public:
  /// `root` must outlive this and the shapes, and have passed schema_subset.h, or be built like the admin's schemas.
  explicit SchemaCompiler(const nlohmann::json& root) : root_(root) {}

  /// Of a schema that is the root, or inside of it.
  [[nodiscard]] SchemaPlace place_of(const nlohmann::json& node);

 private:
  [[nodiscard]] const SchemaShape& shape_of(const nlohmann::json& target);
  void read_object(const nlohmann::json& target, SchemaShape& shape);
  void read_choice(const nlohmann::json& target, SchemaShape& shape);

  const nlohmann::json& root_;
  std::unordered_map<const nlohmann::json*, std::unique_ptr<SchemaShape>> shapes_;
};

}  // namespace patchbay::package

#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>

#include "package/problem.h"

namespace patchbay::package {

/// A schema that many values are checked against: taken apart once, kept with its text. Immutable and cheap to copy.
/// [any-thread]
class CompiledSchema {
 public:
  /// Of no schema: check() asserts.
  CompiledSchema() = default;
  /// Of a schema that has passed schema_subset.h, or is built like the admin's schemas.
  explicit CompiledSchema(nlohmann::json schema);

  /// Everything in which `value` differs from the schema, as check_place() of settings_check.h tells it; references
  /// count as text.
  [[nodiscard]] Problems check(const nlohmann::json& value) const;

 private:
  struct Parts;
  std::shared_ptr<const Parts> parts_;
};

}  // namespace patchbay::package

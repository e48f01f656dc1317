#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "package/problem.h"

namespace patchbay::package {

/// Everything of a schema that is outside of the subset, or contradicts itself; empty: SchemaNode may walk it. Defaults
/// are not checked here, since that takes the schema itself. [any-thread]
[[nodiscard]] Problems check_schema_subset(const nlohmann::json& schema);

/// Calls `visit` with every schema inside of `schema`, itself first, and its pointer. Passes over what isn't an object.
/// [any-thread]
void for_each_schema(const nlohmann::json& schema, const std::string& pointer,
                     const std::function<void(const std::string& pointer, const nlohmann::json& node)>& visit);

}  // namespace patchbay::package

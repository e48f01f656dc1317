#pragma once

#include <nlohmann/json_fwd.hpp>

#include "package/problem.h"
#include "package/schema_shape.h"
#include "package/settings_terms.h"

namespace patchbay::package {

/// Everything in which `value` differs from a schema that has passed schema_subset.h. With `hide_values` no sentence
/// tells what was found, for values that came out of secret references. [any-thread]
[[nodiscard]] Problems check_settings(const nlohmann::json& schema, const nlohmann::json& value, References references,
                                      bool hide_values);

/// The same for a schema that SchemaCompiler has taken apart. [any-thread]
[[nodiscard]] Problems check_place(const SchemaPlace& schema, const nlohmann::json& value,
                                   References references = References::plain, bool hide_values = false);

}  // namespace patchbay::package

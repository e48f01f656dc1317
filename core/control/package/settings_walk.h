#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "package/schema_node.h"

namespace patchbay::package {

/// Calls `visit` with every x-secret value that is there. In an object that fits no branch of its `oneOf`, what any
/// branch calls a secret is one: settings are masked before anybody knows whether they are right. [any-thread]
void for_each_secret(const SchemaNode& node, nlohmann::json& value, const std::string& pointer,
                     const std::function<void(const std::string& pointer, nlohmann::json& secret)>& visit);

/// Fills every default that applies into `value`. [any-thread]
void fill_defaults(const SchemaNode& node, nlohmann::json& value);

}  // namespace patchbay::package

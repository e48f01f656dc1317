#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "package/problem.h"
#include "package/schema_node.h"

namespace patchbay::package {

/// Pointers of what differs and is marked x-restart, itself or above it; null: not there. [any-thread]
void add_restart_pointers(const SchemaNode& node, const nlohmann::json* before, const nlohmann::json* after,
                          const std::string& pointer, std::vector<std::string>& pointers);

/// Puts the secrets of `current` where `changed` holds the mask. An element of an array belongs to the current element
/// that looks the same once masked; only without such a one, and with as many elements as before, to that in its place.
/// A mask that nothing belongs to is a problem. [any-thread]
void restore_secrets(const SchemaNode& node, nlohmann::json& changed, const nlohmann::json* current,
                     const std::string& pointer, Problems& problems);

/// Replaces the secrets in the value, but for references, by the mask. [any-thread]
void mask_secrets(const SchemaNode& node, nlohmann::json& value);

}  // namespace patchbay::package

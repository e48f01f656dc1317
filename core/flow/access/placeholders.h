#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "access/client_attributes.h"

namespace patchbay::access {

/// What the placeholders of a permission rule stand for: ${clientid}, ${username} and ${attr.NAME}.
struct PlaceholderValues {
  std::string_view client_id;
  std::string_view username;
  const ClientAttributes* attributes = nullptr;
};

/// A topic filter after substitution. When a value is missing, empty or would bring '+', '#', '/', NUL or a '$' in
/// front into the filter, `safe` is false and `topic_filter` covers all that the rule could have meant: what stands
/// before the level of that placeholder, then '#'.
struct Substituted {
  std::string topic_filter;
  bool safe = true;
};

/// [any-thread]
[[nodiscard]] Substituted substitute(std::string_view topic_filter, const PlaceholderValues& values);

}  // namespace patchbay::access

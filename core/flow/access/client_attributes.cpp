#include "access/client_attributes.h"

#include <algorithm>

namespace patchbay::access {

std::optional<std::string_view> find_attribute(const ClientAttributes& attributes, std::string_view name) {
  const auto found =
      std::find_if(attributes.begin(), attributes.end(), [name](const auto& entry) { return entry.first == name; });
  if (found == attributes.end()) return std::nullopt;
  return found->second;
}

}  // namespace patchbay::access

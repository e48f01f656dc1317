#include "package/manifest.h"

#include <charconv>

namespace patchbay::package {

std::string_view fallback_name(Fallback fallback) {
  switch (fallback) {
    case Fallback::allow:
      return "allow";
    case Fallback::deny:
      return "deny";
    default:
      return "next";
  }
}

std::string_view metric_type_name(MetricDeclaration::Type type) {
  return type == MetricDeclaration::Type::gauge ? "gauge" : "counter";
}

std::optional<InterfaceId> parse_interface_id(std::string_view text) {
  const size_t slash = text.rfind('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 == text.size()) return std::nullopt;
  InterfaceId id{text.substr(0, slash), 0};
  const std::string_view digits = text.substr(slash + 1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), id.revision);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return id;
}

}  // namespace patchbay::package

#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace patchbay::package {

/// Names of the formats that a schema may ask of a string, in alphabetical order. [any-thread]
[[nodiscard]] std::span<const std::string_view> format_names();

[[nodiscard]] bool is_format(std::string_view name);

/// What a text of that format looks like ("a duration such as \"250ms\" or \"3s\"") when the text isn't one; nothing
/// when it is. [any-thread]
[[nodiscard]] std::optional<std::string> format_problem(std::string_view format, std::string_view text);

}  // namespace patchbay::package

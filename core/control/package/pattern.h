#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace patchbay::package {

/// Why the text is not a regular expression that `pattern` of a schema may hold; nothing when it is one. Matching takes
/// time in proportion to the text, whatever the expression, so a schema cannot hang the broker; what would make that
/// impossible (look-around, references to groups) is not part of the syntax. [any-thread]
[[nodiscard]] std::optional<std::string> pattern_problem(std::string_view pattern);

/// Whether the pattern is found anywhere in the text, as JSON Schema has it; '^' and '$' anchor it. [any-thread]
[[nodiscard]] bool pattern_is_found(std::string_view pattern, std::string_view text);

}  // namespace patchbay::package

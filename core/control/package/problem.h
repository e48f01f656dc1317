#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace patchbay::package {

/// One thing that is wrong with a JSON document, and where.
struct Problem {
  std::string pointer;  ///< RFC 6901; "": the document itself
  std::string text;     ///< a sentence without full stop that says what was found and what is allowed

  bool operator==(const Problem&) const = default;
};

using Problems = std::vector<Problem>;

/// "/hooks/a~1b: sentence"; the document itself is "document: sentence". [any-thread]
[[nodiscard]] std::string problem_line(const Problem& problem);

/// One line for each problem, each ending with '\n'. [any-thread]
[[nodiscard]] std::string problem_lines(const Problems& problems);

/// `parent` extended by the member `name`, with '~' and '/' escaped as RFC 6901 asks. [any-thread]
[[nodiscard]] std::string pointer_to(std::string_view parent, std::string_view name);
[[nodiscard]] std::string pointer_to(std::string_view parent, size_t index);

}  // namespace patchbay::package

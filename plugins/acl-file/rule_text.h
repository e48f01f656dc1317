#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rule.h"

namespace patchbay::acl_file {

enum class Format : uint8_t { patchbay, mosquitto };

/// Limits of a rule file.
inline constexpr size_t kMaximumFileBytes = 16 * 1024 * 1024;
inline constexpr size_t kMaximumRules = 200'000;
inline constexpr size_t kMaximumProblems = 20;  ///< reported at once
inline constexpr size_t kMaximumExpressionBytes = 1024;

struct ParsedRules {
  std::vector<Rule> rules;
  std::vector<std::string> problems;  ///< "line 3: ..."; none: the rules are good
};

/// Reads a rule file of this format; README.md describes both. [any-thread]
[[nodiscard]] ParsedRules parse_rules(std::string_view text, Format format);

/// The two readers behind it.
[[nodiscard]] ParsedRules parse_patchbay_rules(std::string_view text);
[[nodiscard]] ParsedRules parse_mosquitto_rules(std::string_view text);

/// Takes the next line off the front, without its end and the space around it. False: there is none.
[[nodiscard]] bool next_line(std::string_view& text, std::string_view& line);
/// Notes a problem, unless there are enough.
void add_problem(ParsedRules& parsed, uint32_t line, const std::string& what);

}  // namespace patchbay::acl_file

#include "rule_text.h"

#include <algorithm>

namespace patchbay::acl_file {

namespace {

constexpr std::string_view kSpace = " \t\r";

}  // namespace

bool next_line(std::string_view& text, std::string_view& line) {
  if (text.empty()) return false;
  const size_t end = std::min(text.find('\n'), text.size());
  line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  const size_t first = std::min(line.find_first_not_of(kSpace), line.size());
  line.remove_prefix(first);
  line = line.substr(0, line.find_last_not_of(kSpace) + 1);
  return true;
}

void add_problem(ParsedRules& parsed, uint32_t line, const std::string& what) {
  if (parsed.problems.size() < kMaximumProblems) {
    parsed.problems.push_back("line " + std::to_string(line) + ": " + what);
  }
}

ParsedRules parse_rules(std::string_view text, Format format) {
  ParsedRules parsed = format == Format::mosquitto ? parse_mosquitto_rules(text) : parse_patchbay_rules(text);
  if (parsed.rules.size() > kMaximumRules) {
    add_problem(parsed, parsed.rules[kMaximumRules].line, "more than " + std::to_string(kMaximumRules) + " rules");
  }
  return parsed;
}

}  // namespace patchbay::acl_file

#include "rule_source.h"

#include <utility>

namespace patchbay::acl_file {

namespace {

std::optional<std::string> text_of(const Settings& settings, std::string& problem) {
  if (settings.from_file()) return support::read_whole_file(settings.path, kMaximumFileBytes, problem);
  std::string text;
  for (const std::string& rule : settings.rules) {
    text += rule;
    text += '\n';
  }
  return text;
}

}  // namespace

LoadedRules load_rules(const Settings& settings) {
  LoadedRules loaded;
  if (settings.from_file()) loaded.stamp = support::file_stamp(settings.path);
  const auto text = text_of(settings, loaded.problem);
  if (!text) return loaded;
  ParsedRules parsed = parse_rules(*text, settings.rule_format());
  for (const std::string& problem : parsed.problems) {
    if (!loaded.problem.empty()) loaded.problem += '\n';
    loaded.problem += settings.source() + ", " + problem;
  }
  if (parsed.problems.empty()) {
    loaded.rules = std::make_shared<const RuleSet>(std::move(parsed.rules), settings.source());
  }
  return loaded;
}

}  // namespace patchbay::acl_file

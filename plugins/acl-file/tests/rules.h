#pragma once

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <utility>

#include "rule_set.h"
#include "rule_text.h"

namespace patchbay::acl_file {

inline std::shared_ptr<const RuleSet> rules_from(const std::string& text, Format format = Format::patchbay) {
  ParsedRules parsed = parse_rules(text, format);
  for (const auto& problem : parsed.problems) FAIL(problem);
  return std::make_shared<const RuleSet>(std::move(parsed.rules), "test");
}

inline Question publish(std::string_view topic, std::string_view user = "ann", std::string_view client = "c1") {
  Question question;
  question.topic = topic;
  question.user = question.claimed_user = user;
  question.client_id = client;
  question.address = *support::parse_address("10.1.2.3");
  question.peerhost = "10.1.2.3";
  question.listener = "tcp:default";
  return question;
}

inline Question subscribe(std::string_view filter, std::string_view user = "ann", std::string_view client = "c1") {
  Question question = publish(filter, user, client);
  question.action = Action::subscribe;
  return question;
}

/// The line that decides, with its sign: +3 allows, -4 denies; 0: no rule applies.
inline int line_of(const RuleSet& rules, const Question& question) {
  const Rule* rule = rules.first_match(question);
  if (rule == nullptr) return 0;
  return rule->allow ? static_cast<int>(rule->line) : -static_cast<int>(rule->line);
}

}  // namespace patchbay::acl_file

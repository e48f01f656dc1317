#pragma once

#include <patchbay/routes.hpp>

#include <optional>
#include <string>

#include "rule_set.h"

namespace patchbay::acl_file {

/// What became of a question: the rule that decided, or null and the verdict of `no_match`.
struct Decision {
  const Rule* rule = nullptr;
  std::string_view result;  ///< "allow", "deny" or "ignore"
};

/// The JSON of the rule that decided, with file and line. [any-thread]
[[nodiscard]] std::string explanation_json(const RuleSet& rules, const Decision& decision);
/// The rules from `first` on, at most `count`, as a JSON list of {line, rule}. [any-thread]
[[nodiscard]] std::string rules_json(const RuleSet& rules, size_t first, size_t count);

/// The question that the parameters of a request ask: action, topic, qos, retain, username, clientid, peerhost,
/// listener, cert_common_name, attr.NAME, verified. Nothing, and `problem` says why. The views are the request's.
[[nodiscard]] std::optional<Question> question_of(const request& asked, bool trust_claimed, std::string& problem);

}  // namespace patchbay::acl_file

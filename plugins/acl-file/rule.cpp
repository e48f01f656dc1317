#include "rule.h"

#include <re2/re2.h>

#include <algorithm>

namespace patchbay::acl_file {

namespace {

support::TopicValues values_of(const Question& question, bool allow) {
  support::TopicValues values;
  values.client_id = question.client_id;
  // A name that nobody has vouched for opens nothing, but is enough to be shut out by.
  values.username = allow || !question.user.empty() ? question.user : question.claimed_user;
  values.cert_common_name = question.common_name;
  values.peerhost = question.peerhost;
  values.listener = question.listener;
  values.attribute = question.attribute;
  values.attribute_context = question.attribute_context;
  return values;
}

bool retain_fits(Rule::Retain wanted, bool retain) {
  return wanted == Rule::Retain::any || (wanted == Rule::Retain::retained_only) == retain;
}

}  // namespace

bool Condition::fits(std::string_view text) const {
  if (expression != nullptr) return re2::RE2::PartialMatch({text.data(), text.size()}, *expression);
  return text == value;
}

bool Condition::holds(const Question& question, bool allow) const {
  switch (kind) {
    case Kind::user:
      if (!question.user.empty() && fits(question.user)) return true;
      return !allow && !question.claimed_user.empty() && fits(question.claimed_user);
    case Kind::client:
      return fits(question.client_id);
    case Kind::common_name:
      return !question.common_name.empty() && fits(question.common_name);
    case Kind::listener:
      return fits(question.listener);
    case Kind::attribute: {
      if (question.attribute == nullptr) return false;
      const std::string_view found = question.attribute(question.attribute_context, name);
      return !found.empty() && fits(found);
    }
    case Kind::address:
      return std::any_of(ranges.begin(), ranges.end(),
                         [&](const support::AddressRange& range) { return range.contains(question.address); });
    case Kind::anonymous:
      return question.user.empty();
  }
  return false;
}

bool Rule::applies_fully(const Question& question) const {
  const bool publishes = question.action == Action::publish;
  if (publishes && !retain_fits(retain, question.retain)) return false;
  for (const Condition& condition : conditions) {
    if (!condition.holds(question, allow)) return false;
  }
  if (topics.empty()) return true;
  const support::TopicValues values = values_of(question, allow);
  return std::any_of(topics.begin(), topics.end(), [&](const support::TopicPattern& topic) {
    return publishes ? topic.concerns_topic(values, question.topic, allow)
                     : topic.concerns_filter(values, question.topic, allow);
  });
}

}  // namespace patchbay::acl_file

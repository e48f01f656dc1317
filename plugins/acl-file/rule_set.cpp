#include "rule_set.h"

#include <algorithm>
#include <array>
#include <utility>

namespace patchbay::acl_file {

RuleSet::RuleSet(std::vector<Rule> rules, std::string source) : rules_(std::move(rules)), source_(std::move(source)) {
  for (uint32_t number = 0; number < rules_.size(); ++number) enter(number);
}

void RuleSet::enter(uint32_t number) {
  const Rule& rule = rules_[number];
  for (const auto& topic : rule.topics) {
    if (topic.text().find("${peerhost}") != std::string::npos) needs_peerhost_ = true;
  }
  for (const Condition& condition : rule.conditions) {
    if (condition.expression != nullptr) continue;
    if (condition.kind == Condition::Kind::user) return of_user_[condition.value].push_back(number);
    if (condition.kind == Condition::Kind::client) return of_client_[condition.value].push_back(number);
  }
  others_.push_back(number);
}

const RuleSet::Numbers& RuleSet::find(const Index& index, std::string_view key) {
  static const Numbers none;
  const auto found = index.find(key);
  return found == index.end() ? none : found->second;
}

const Rule* RuleSet::first_match(const Question& question) const {
  struct Cursor {
    const uint32_t* at;
    const uint32_t* end;
  };
  const auto cursor = [](const Numbers& numbers) { return Cursor{numbers.data(), numbers.data() + numbers.size()}; };
  std::array<Cursor, 4> lists{cursor(others_), cursor(find(of_user_, question.user)),
                              cursor(find(of_client_, question.client_id)), Cursor{nullptr, nullptr}};
  if (question.claimed_user != question.user) lists[3] = cursor(find(of_user_, question.claimed_user));
  const auto is_empty = [](const Cursor& list) { return list.at == list.end; };
  if (std::all_of(lists.begin() + 1, lists.end(), is_empty)) {
    const auto applies = [&](uint32_t number) { return rules_[number].applies(question); };
    const auto found = std::find_if(others_.begin(), others_.end(), applies);
    return found == others_.end() ? nullptr : &rules_[*found];
  }
  for (;;) {
    Cursor* next = nullptr;
    for (Cursor& list : lists) {
      if (list.at != list.end && (next == nullptr || *list.at < *next->at)) next = &list;
    }
    if (next == nullptr) return nullptr;
    const Rule& rule = rules_[*next->at++];
    if (rule.applies(question)) return &rule;
  }
}

}  // namespace patchbay::acl_file

#include "access/permission_set.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "topic/levels.h"
#include "topic/topic_filter.h"

namespace patchbay::access {

namespace {

bool retain_fits(PermissionRule::Retain wanted, bool retain) {
  switch (wanted) {
    case PermissionRule::Retain::any:
      return true;
    case PermissionRule::Retain::retained_only:
      return retain;
    case PermissionRule::Retain::not_retained:
      return !retain;
  }
  return false;
}

/// Everything but the topic in one bit, so that a rule needs one look: PUBLISH by QoS and retain, SUBSCRIBE by QoS.
uint16_t question_bit(Action action, mqtt::Qos qos, bool retain) {
  const auto number = static_cast<unsigned>(qos);
  return static_cast<uint16_t>(1u << (action == Action::publish ? 2 * number + (retain ? 1 : 0) : 6 + number));
}

uint16_t questions_of(const PermissionRule& rule) {
  uint16_t questions = 0;
  for (const mqtt::Qos qos : {mqtt::Qos::at_most_once, mqtt::Qos::at_least_once, mqtt::Qos::exactly_once}) {
    if ((rule.qos_mask & (1u << static_cast<unsigned>(qos))) == 0) continue;
    if ((rule.actions & PermissionRule::subscribe) != 0) questions |= question_bit(Action::subscribe, qos, false);
    if ((rule.actions & PermissionRule::publish) == 0) continue;
    for (const bool retain : {false, true}) {
      if (retain_fits(rule.retain, retain)) questions |= question_bit(Action::publish, qos, retain);
    }
  }
  return questions;
}

size_t common_front(const std::string& left, const std::string& right) {
  const auto differ = std::mismatch(left.begin(), left.end(), right.begin(), right.end());
  return static_cast<size_t>(differ.first - left.begin());
}

}  // namespace

bool filters_overlap(std::string_view left, std::string_view right) {
  const auto is_wild = [](std::string_view filter) { return filter.starts_with('#') || filter.starts_with('+'); };
  // A wildcard in the first level doesn't reach '$' topics. [MQTT-4.7.2-1]
  if ((left.starts_with('$') && is_wild(right)) || (right.starts_with('$') && is_wild(left))) return false;
  topic::Levels a(left);
  topic::Levels b(right);
  for (;;) {
    const bool more_a = a.next();
    const bool more_b = b.next();
    // "a/#" matches "a" as well, so that a number sign meets even the end of the other.
    if ((more_a && a.level() == "#") || (more_b && b.level() == "#")) return true;
    if (!more_a || !more_b) return more_a == more_b;
    if (a.level() != b.level() && a.level() != "+" && b.level() != "+") return false;
  }
}

std::optional<PermissionSet> PermissionSet::compile(const std::vector<PermissionRule>& rules,
                                                    const PlaceholderValues& values) {
  if (rules.size() > kMaximumRules) return std::nullopt;
  PermissionSet set;
  set.rules_.reserve(rules.size());
  for (const PermissionRule& rule : rules) {
    Substituted filter = substitute(rule.topic_filter, values);
    if (filter.safe && !topic::is_valid_filter(filter.topic_filter)) filter = {"#", false};
    if (!filter.safe && rule.allow) continue;  // an allowing rule that can't be understood allows nothing
    const bool everything = !filter.safe && filter.topic_filter == "#";
    set.rules_.push_back(
        {CompiledFilter(std::move(filter.topic_filter), everything), questions_of(rule), rule.allow, everything});
  }
  set.aim();
  set.line_up();
  return set;
}

// Rules are mostly written as lists of similar ones: where a rule differs from its neighbours is where to look first.
void PermissionSet::aim() {
  for (size_t index = 1; index < rules_.size(); ++index) {
    const size_t common = common_front(rules_[index - 1].filter.text(), rules_[index].filter.text());
    rules_[index - 1].filter.aim(common);
    rules_[index].filter.aim(common);
  }
}

std::optional<bool> PermissionSet::may_publish(std::string_view topic, mqtt::Qos qos, bool retain) const {
  const uint16_t question = question_bit(Action::publish, qos, retain);
  const AskedTopic asked(topic);
  const LookLanes::Asked looked_for(asked.front(front_at_), asked.tail());
  size_t first = 0;
  for (const LookLanes& looks : looks_) {
    for (unsigned fitting = looks.fitting(looked_for); fitting != 0; fitting &= fitting - 1) {
      const Compiled& rule = rules_[first + static_cast<size_t>(std::countr_zero(fitting))];
      if ((rule.questions & question) != 0 && rule.filter.matches_looked_at(asked)) return rule.allow;
    }
    first += LookLanes::kLanes;
  }
  return std::nullopt;
}

void PermissionSet::line_up() {
  looks_.clear();
  std::optional<uint32_t> front_at;
  for (const Compiled& rule : rules_) {
    const CompiledFilter::Look look = rule.filter.look();
    if (look.front_mask != 0) front_at = std::min(front_at.value_or(look.front_at), look.front_at);
  }
  front_at_ = front_at.value_or(0);
  for (Compiled& rule : rules_) rule.filter.look_no_further(front_at_);
  looks_.resize((rules_.size() + LookLanes::kLanes - 1) / LookLanes::kLanes);
  for (size_t index = 0; index < rules_.size(); ++index) {
    looks_[index / LookLanes::kLanes].set(index % LookLanes::kLanes, rules_[index].filter.look());
  }
}

std::optional<bool> PermissionSet::may_subscribe(std::string_view topic_filter, mqtt::Qos qos) const {
  const uint16_t question = question_bit(Action::subscribe, qos, false);
  for (const Compiled& rule : rules_) {
    if ((rule.questions & question) == 0) continue;
    const std::string& own = rule.filter.text();
    const bool fits =
        rule.allow ? topic::contains(own, topic_filter) : rule.everything || filters_overlap(own, topic_filter);
    if (fits) return rule.allow;
  }
  return std::nullopt;
}

void PermissionSet::append(PermissionSet&& later) {
  std::move(later.rules_.begin(), later.rules_.end(), std::back_inserter(rules_));
  line_up();
}

}  // namespace patchbay::access

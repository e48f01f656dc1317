#include "access/permission_set.h"

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
        {std::move(filter.topic_filter), rule.actions, rule.qos_mask, rule.retain, rule.allow, everything});
  }
  return set;
}

bool PermissionSet::Compiled::concerns(uint8_t action, mqtt::Qos qos) const {
  return (actions & action) != 0 && (qos_mask & (1u << static_cast<unsigned>(qos))) != 0;
}

std::optional<bool> PermissionSet::may_publish(std::string_view topic, mqtt::Qos qos, bool retain) const {
  for (const Compiled& rule : rules_) {
    if (!rule.concerns(PermissionRule::publish, qos) || !retain_fits(rule.retain, retain)) continue;
    if (rule.everything || topic::matches(rule.topic_filter, topic)) return rule.allow;
  }
  return std::nullopt;
}

std::optional<bool> PermissionSet::may_subscribe(std::string_view topic_filter, mqtt::Qos qos) const {
  for (const Compiled& rule : rules_) {
    if (!rule.concerns(PermissionRule::subscribe, qos)) continue;
    const bool fits = rule.allow ? topic::contains(rule.topic_filter, topic_filter)
                                 : rule.everything || filters_overlap(rule.topic_filter, topic_filter);
    if (fits) return rule.allow;
  }
  return std::nullopt;
}

void PermissionSet::append(PermissionSet&& later) {
  std::move(later.rules_.begin(), later.rules_.end(), std::back_inserter(rules_));
}

}  // namespace patchbay::access

#include "late_rules.h"

#include <charconv>

namespace patchbay::auth_jwt {

namespace {

// A line for each rule: '+' or '-', actions, QoS mask and retain as digits, then the topic filter.
constexpr size_t kHead = 4;

std::optional<PermissionRule> read_rule(std::string_view line) {
  if (line.size() < kHead || (line[0] != '+' && line[0] != '-')) return std::nullopt;
  PermissionRule rule;
  rule.allow = line[0] == '+';
  rule.actions = static_cast<uint8_t>(line[1] - '0');
  rule.qos_mask = static_cast<uint8_t>(line[2] - '0');
  rule.retain = static_cast<uint8_t>(line[3] - '0');
  rule.topic_filter = line.substr(kHead);
  return rule;
}

bool concerns_topic(const PermissionRule& rule, const AccessQuestion& question, const support::TopicValues& client) {
  if (rule.topic_filter.empty()) return true;
  std::string reason;
  const auto pattern = support::TopicPattern::parse(rule.topic_filter, reason, support::TopicPattern::Style::braces);
  if (!pattern) return !rule.allow;  // what can't be understood allows nothing and denies all that it could mean
  return question.action == kPublish ? pattern->concerns_topic(client, question.topic, rule.allow)
                                     : pattern->concerns_filter(client, question.topic, rule.allow);
}

bool concerns(const PermissionRule& rule, const AccessQuestion& question, const support::TopicValues& client) {
  if ((rule.actions & question.action) == 0 || (rule.qos_mask & 1u << question.qos) == 0) return false;
  const bool about_retain = rule.retain != 0 && question.action == kPublish;
  if (about_retain && (rule.retain == 1) != question.retain) return false;
  return concerns_topic(rule, question, client);
}

std::string_view take_line(std::string_view& text) {
  const size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

}  // namespace

std::optional<std::string> write_late_rules(const Permissions& permissions, uint64_t end_unix_ms) {
  std::string text = std::to_string(end_unix_ms) + '\n';
  for (const PermissionRule& rule : permissions.late) {
    text += rule.allow ? '+' : '-';
    for (const uint8_t digit : {rule.actions, rule.qos_mask, rule.retain}) text += static_cast<char>('0' + digit);
    text += rule.topic_filter;
    text += '\n';
  }
  if (text.size() > kMaximumLateRulesBytes) return std::nullopt;
  return text;
}

std::optional<bool> ask_late_rules(std::string_view written, const AccessQuestion& question,
                                   const support::TopicValues& client, uint64_t now_unix_ms) {
  const std::string_view first = take_line(written);
  uint64_t end_unix_ms = 0;
  const auto read = std::from_chars(first.data(), first.data() + first.size(), end_unix_ms);
  if (read.ec != std::errc() || read.ptr != first.data() + first.size()) return false;
  if (end_unix_ms != 0 && now_unix_ms >= end_unix_ms) return false;
  while (!written.empty()) {
    const auto rule = read_rule(take_line(written));
    if (!rule) return false;
    if (concerns(*rule, question, client)) return rule->allow;
  }
  return std::nullopt;
}

}  // namespace patchbay::auth_jwt

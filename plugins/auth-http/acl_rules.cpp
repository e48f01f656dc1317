#include "acl_rules.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "support/topic_match.h"

namespace patchbay::auth_http {

namespace {

using nlohmann::json;
using Rules = std::vector<AclRule>;

constexpr std::string_view kEqual = "eq ";

/// ${client_attrs.NAME} is ${attr.NAME} to the core.
std::string in_words_of_the_core(std::string text) {
  constexpr std::string_view theirs = "${client_attrs.";
  for (size_t at = text.find(theirs); at != std::string::npos; at = text.find(theirs))
    text.replace(at, theirs.size(), "${attr.");
  return text;
}

/// "eq" with wildcards or placeholders can't be told to the core, which would see more in it.
bool add_topic(Rules& rules, AclRule rule, std::string topic) {
  if (topic.starts_with(kEqual)) {
    topic.erase(0, kEqual.size());
    if (topic.find_first_of("+#") != std::string::npos || topic.find("${") != std::string::npos) return false;
  }
  std::string reason;
  if (!support::TopicPattern::parse(topic, reason, support::TopicPattern::Style::braces)) return false;
  if (rules.size() >= kAclRulesMax) return false;
  rule.topic_filter = in_words_of_the_core(std::move(topic));
  rules.push_back(std::move(rule));
  return true;
}

bool add_topics(Rules& rules, const AclRule& rule, const json& topics) {
  if (topics.is_string()) return add_topic(rules, rule, topics.get<std::string>());
  if (!topics.is_array()) return false;
  return std::all_of(topics.begin(), topics.end(), [&](const json& each) {
    return each.is_string() && add_topic(rules, rule, each.get<std::string>());
  });
}

bool read_permission(const json& value, AclRule& rule) {
  rule.allow = value == "allow";
  return rule.allow || value == "deny";
}

bool read_action(const json& value, AclRule& rule) {
  if (value == "publish" || value == "pub") rule.actions = 1;
  if (value == "subscribe" || value == "sub") rule.actions = 2;
  return rule.actions != 3 || value == "all";
}

bool add_qos(const json& value, AclRule& rule) {
  const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
  if (text != "0" && text != "1" && text != "2") return false;
  rule.qos_mask = static_cast<uint8_t>(rule.qos_mask | 1U << (text[0] - '0'));
  return true;
}

bool read_qos(const json& value, AclRule& rule) {
  rule.qos_mask = 0;
  if (!value.is_array()) return add_qos(value, rule);
  return std::all_of(value.begin(), value.end(), [&](const json& each) { return add_qos(each, rule); });
}

bool read_retain(const json& value, AclRule& rule) {
  const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
  if (text == "true" || text == "1") rule.retain = 1;
  if (text == "false" || text == "0") rule.retain = 2;
  return rule.retain != 0 || text == "all";
}

bool read_rule(const json& from, Rules& rules) {
  if (!from.is_object() || !from.contains("permission") || !from.contains("action")) return false;
  AclRule rule;
  const json* topics = nullptr;
  for (const auto& [name, value] : from.items()) {
    bool known = true;
    if (name == "permission") {
      known = read_permission(value, rule);
    } else if (name == "action") {
      known = read_action(value, rule);
    } else if (name == "qos") {
      known = read_qos(value, rule);
    } else if (name == "retain") {
      known = read_retain(value, rule);
    } else {
      known = name == "topic" || name == "topics";
      topics = &value;
    }
    if (!known) return false;  // a condition that we don't know would be left out
  }
  return topics != nullptr && add_topics(rules, rule, *topics);
}

bool read_lists(const json& from, Rules& rules) {
  for (const auto& [name, topics] : from.items()) {
    AclRule rule;
    rule.actions = name == "pub" ? 1 : name == "sub" ? 2 : 3;
    if (rule.actions == 3 && name != "all") return false;
    if (!add_topics(rules, rule, topics)) return false;
  }
  AclRule rest;
  rest.allow = false;
  rules.push_back(rest);
  return true;
}

}  // namespace

std::optional<Rules> read_acl(const json& acl) {
  Rules out;
  bool understood = acl.is_object() && read_lists(acl, out);
  if (acl.is_array())
    understood = std::all_of(acl.begin(), acl.end(), [&](const json& each) { return read_rule(each, out); });
  if (!understood) return {};
  return out;
}

}  // namespace patchbay::auth_http

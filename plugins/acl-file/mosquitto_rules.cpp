// Mosquitto's acl_file: what stands below "user NAME" is that user's, what stands above is of clients without a user
// name, patterns are everybody's. There the order of lines means nothing; a denial comes first.
#include <iterator>
#include <utility>

#include "rule_text.h"

namespace patchbay::acl_file {

namespace {

// The first word, taken off the front with the space behind it.
std::string_view take_word(std::string_view& rest) {
  const size_t end = std::min(rest.find_first_of(" \t"), rest.size());
  const std::string_view word = rest.substr(0, end);
  rest.remove_prefix(std::min(rest.find_first_not_of(" \t", end), rest.size()));
  return word;
}

class MosquittoReader {
 public:
  ParsedRules read(std::string_view text) {
    user_.kind = Condition::Kind::anonymous;
    uint32_t number = 0;
    for (std::string_view line; next_line(text, line);) {
      ++number;
      if (!line.empty() && line.front() != '#') read_line(line, number);
    }
    for (auto* list : {&denied_, &allowed_, &denied_patterns_, &allowed_patterns_}) {
      std::move(list->begin(), list->end(), std::back_inserter(parsed_.rules));
    }
    return std::move(parsed_);
  }

 private:
  void read_line(std::string_view line, uint32_t number) {
    std::string_view rest = line;
    const std::string_view keyword = take_word(rest);
    if (line.find('\0') != std::string_view::npos) return add_problem(parsed_, number, "a NUL");
    if (keyword == "user") {
      if (rest.empty()) return add_problem(parsed_, number, "user without a name");
      user_ = {};
      user_.value = rest;
    } else if (keyword == "topic" || keyword == "pattern") {
      Rule rule;
      rule.line = number;
      rule.text = line;
      read_rule(rule, rest, keyword == "pattern");
    } else {
      add_problem(parsed_, number, "expected user, topic or pattern, found " + std::string(keyword));
    }
  }

  void read_rule(Rule& rule, std::string_view rest, bool pattern) {
    rule.allow = true;
    std::string_view topic = rest;
    const std::string_view access = take_word(topic);
    if (topic.empty()) {
      topic = rest;  // a topic alone may be read and written
    } else if (access == "deny") {
      rule.allow = false;
    } else if (access == "read") {
      rule.actions = static_cast<uint8_t>(Action::subscribe);
    } else if (access == "write") {
      rule.actions = static_cast<uint8_t>(Action::publish);
    } else if (access != "readwrite") {
      topic = rest;  // a topic with a space in it
    }
    add(rule, topic, pattern);
  }

  void add(Rule& rule, std::string_view topic, bool pattern) {
    std::string reason;
    // "eq " would be a keyword of the pattern's reader; here it is two levels' worth of nothing special.
    auto parsed = topic.starts_with("eq ")
                      ? std::nullopt
                      : support::TopicPattern::parse(topic, reason, support::TopicPattern::Style::percent);
    if (!parsed)
      return add_problem(parsed_, rule.line, (reason.empty() ? "not supported" : reason) + ": " + std::string(topic));
    if (!pattern && !parsed->constant()) {
      // Below "topic", %c and %u are letters like others.
      parsed = support::TopicPattern::parse(topic, reason, support::TopicPattern::Style::braces);
    }
    if (!parsed) return add_problem(parsed_, rule.line, reason + ": " + std::string(topic));
    rule.topics.push_back(std::move(*parsed));
    if (!pattern) rule.conditions.push_back(user_);
    auto& list = pattern ? (rule.allow ? allowed_patterns_ : denied_patterns_) : (rule.allow ? allowed_ : denied_);
    list.push_back(std::move(rule));
  }

  ParsedRules parsed_;
  Condition user_;  // whom the lines that follow are about
  std::vector<Rule> denied_;
  std::vector<Rule> allowed_;
  std::vector<Rule> denied_patterns_;
  std::vector<Rule> allowed_patterns_;
};

}  // namespace

ParsedRules parse_mosquitto_rules(std::string_view text) {
  return MosquittoReader().read(text);
}

}  // namespace patchbay::acl_file

#include "router/topic_rewrite.h"

#include <re2/re2.h>

#include <utility>

#include "topic/topic_filter.h"

namespace patchbay::router {

namespace {

constexpr int64_t kRegexMemory_bytes = 1 << 20;  // RE2's own bound for one expression
constexpr int kMaximumGroups = 99;

/// One part of dest_topic, taken apart when the rules are compiled.
struct Part {
  enum class Kind : uint8_t { text, group, client_id, username };
  Kind kind = Kind::text;
  std::string text;
  int group = 0;
};

bool take_prefix(std::string_view& rest, std::string_view prefix) {
  if (rest.substr(0, prefix.size()) != prefix) return false;
  rest.remove_prefix(prefix.size());
  return true;
}

// "$12" names group 12, by as many digits as follow.
bool take_group(std::string_view& rest, int& group) {
  size_t digits = 0;
  group = 0;
  while (digits < 2 && digits + 1 < rest.size() && rest[digits + 1] >= '0' && rest[digits + 1] <= '9') {
    group = group * 10 + (rest[digits + 1] - '0');
    ++digits;
  }
  if (rest.front() != '$' || digits == 0) return false;
  rest.remove_prefix(digits + 1);
  return true;
}

std::vector<Part> parse_destination(std::string_view rest) {
  std::vector<Part> parts;
  while (!rest.empty()) {
    Part part;
    if (take_prefix(rest, "${clientid}")) {
      part.kind = Part::Kind::client_id;
    } else if (take_prefix(rest, "${username}")) {
      part.kind = Part::Kind::username;
    } else if (take_group(rest, part.group)) {
      part.kind = Part::Kind::group;
    } else {
      if (!parts.empty() && parts.back().kind == Part::Kind::text) {
        parts.back().text += rest.front();
        rest.remove_prefix(1);
        continue;
      }
      part.text = rest.front();
      rest.remove_prefix(1);
    }
    parts.push_back(std::move(part));
  }
  return parts;
}

/// Length of the part of a subscription's filter that a rewrite leaves alone.
size_t prefix_size(std::string_view topic_filter) {
  const auto parsed = topic::parse_filter(topic_filter, {UINT32_MAX, UINT32_MAX});
  return parsed ? topic_filter.size() - parsed->filter.size() : 0;
}

re2::StringPiece piece(std::string_view text) {
  return {text.data(), text.size()};
}

}  // namespace

struct TopicRewrite::Compiled {
  std::string source_topic;
  std::shared_ptr<const re2::RE2> expression;  // shared by the lists of both actions
  std::vector<Part> destination;
};

TopicRewrite::TopicRewrite() = default;
TopicRewrite::TopicRewrite(TopicRewrite&&) noexcept = default;
TopicRewrite& TopicRewrite::operator=(TopicRewrite&&) noexcept = default;
TopicRewrite::~TopicRewrite() = default;

bool TopicRewrite::empty() const {
  return publish_.empty() && subscribe_.empty();
}

base::Result<TopicRewrite, std::vector<TopicRewrite::Problem>> TopicRewrite::compile(const std::vector<Rule>& rules) {
  TopicRewrite rewrite;
  std::vector<Problem> problems;
  for (size_t i = 0; i < rules.size(); ++i) {
    const Rule& rule = rules[i];
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(kRegexMemory_bytes);
    Compiled compiled{rule.source_topic, std::make_shared<re2::RE2>(rule.re, options),
                      parse_destination(rule.dest_topic)};
    const size_t before = problems.size();
    if (!topic::is_valid_filter(rule.source_topic)) problems.push_back({i, "source_topic is no topic filter"});
    if (rule.dest_topic.empty()) problems.push_back({i, "dest_topic is empty"});
    if (!compiled.expression->ok()) {
      problems.push_back({i, "re: " + compiled.expression->error()});
    } else {
      for (const Part& part : compiled.destination) {
        if (part.kind != Part::Kind::group || part.group <= compiled.expression->NumberOfCapturingGroups()) continue;
        problems.push_back({i, "dest_topic names group $" + std::to_string(part.group) + ", which re lacks"});
      }
    }
    if (problems.size() != before) continue;
    if (rule.action != Action::subscribe) rewrite.publish_.push_back(compiled);
    if (rule.action != Action::publish) rewrite.subscribe_.push_back(std::move(compiled));
  }
  if (!problems.empty()) return base::fail(std::move(problems));
  return rewrite;
}

std::optional<std::string> TopicRewrite::rewrite(const std::vector<Compiled>& rules, std::string_view topic,
                                                 std::string_view client_id, std::string_view username) const {
  for (const Compiled& rule : rules) {
    if (!topic::matches(rule.source_topic, topic)) continue;
    re2::StringPiece groups[kMaximumGroups + 1];
    const int count = rule.expression->NumberOfCapturingGroups() + 1;
    const int wanted = count > kMaximumGroups + 1 ? kMaximumGroups + 1 : count;
    if (!rule.expression->Match(piece(topic), 0, topic.size(), re2::RE2::UNANCHORED, groups, wanted)) {
      return std::nullopt;
    }
    std::string result;
    for (const Part& part : rule.destination) {
      if (part.kind == Part::Kind::text) result += part.text;
      if (part.kind == Part::Kind::client_id) result += client_id;
      if (part.kind == Part::Kind::username) result += username;
      if (part.kind == Part::Kind::group) result.append(groups[part.group].data(), groups[part.group].size());
    }
    return result;
  }
  return std::nullopt;
}

std::optional<std::string> TopicRewrite::publish_topic(std::string_view topic_name, std::string_view client_id,
                                                       std::string_view username) const {
  return publish_.empty() ? std::nullopt : rewrite(publish_, topic_name, client_id, username);
}

std::optional<std::string> TopicRewrite::subscribe_filter(std::string_view topic_filter, std::string_view client_id,
                                                          std::string_view username) const {
  if (subscribe_.empty()) return std::nullopt;
  const size_t prefix = prefix_size(topic_filter);
  auto inner = rewrite(subscribe_, topic_filter.substr(prefix), client_id, username);
  if (inner) inner->insert(0, topic_filter.substr(0, prefix));
  return inner;
}

}  // namespace patchbay::router

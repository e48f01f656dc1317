// Topic rewrite: any rules compile or are refused with a reason each; what compiled changes only topics that its source
// matches, leaves the prefix of a shared or exclusive filter alone, and says the same when it is asked again.
//
// Input: lines. The first byte of a line says what it is: 'p', 's', 'a' a rule (source, expression and destination
// behind it, with tabs between), anything else a topic or filter.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "fuzz/fuzz_target.h"
#include "router/topic_rewrite.h"
#include "topic/topic_filter.h"
#include "topic/topic_name.h"

namespace patchbay::fuzz {
namespace {

using router::TopicRewrite;

constexpr size_t kRules = 8;
constexpr topic::TopicLimits kNoLimits{UINT32_MAX, UINT32_MAX};

void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "topic_rewrite_fuzz: %s\n", what);
  std::abort();
}

std::string take_until(std::string_view& text, char end) {
  const size_t size = std::min(text.find(end), text.size());
  const std::string taken(text.substr(0, size));
  text.remove_prefix(std::min(size + 1, text.size()));
  return taken;
}

struct Input {
  std::vector<TopicRewrite::Rule> rules;
  std::vector<std::string> topics;
};

Input input_of(std::string_view text) {
  Input input;
  while (!text.empty()) {
    const std::string line = take_until(text, '\n');
    const char kind = line.empty() ? '\0' : line[0];
    if ((kind != 'p' && kind != 's' && kind != 'a') || input.rules.size() == kRules) {
      input.topics.push_back(line);
      continue;
    }
    std::string_view rest = std::string_view(line).substr(1);
    TopicRewrite::Rule rule;
    rule.action = kind == 'p'   ? TopicRewrite::Action::publish
                  : kind == 's' ? TopicRewrite::Action::subscribe
                                : TopicRewrite::Action::all;
    rule.source_topic = take_until(rest, '\t');
    rule.re = take_until(rest, '\t');
    rule.dest_topic = rest;
    input.rules.push_back(std::move(rule));
  }
  return input;
}

bool any_source_matches(const Input& input, TopicRewrite::Action action, std::string_view topic) {
  for (const TopicRewrite::Rule& rule : input.rules) {
    if (rule.action != action && rule.action != TopicRewrite::Action::all) continue;
    // A source may be given for filters too: '+' of a filter is a level like any other then.
    if (topic::matches(rule.source_topic, topic) || topic::contains(rule.source_topic, topic)) return true;
  }
  return false;
}

void check_topic(const Input& input, const TopicRewrite& rewrite, const std::string& topic) {
  if (topic::is_valid_topic_name(topic, kNoLimits)) {
    const auto changed = rewrite.publish_topic(topic, "client", "user");
    require(changed == rewrite.publish_topic(topic, "client", "user"), "another answer the second time");
    require(!changed || any_source_matches(input, TopicRewrite::Action::publish, topic), "changes a foreign topic");
  }
  const auto parsed = topic::parse_filter(topic, kNoLimits);
  const auto changed = rewrite.subscribe_filter(topic, "client", "user");
  require(changed == rewrite.subscribe_filter(topic, "client", "user"), "another answer the second time");
  if (!changed || !parsed) return;
  require(any_source_matches(input, TopicRewrite::Action::subscribe, parsed->filter), "changes a foreign filter");
  const std::string_view prefix = std::string_view(topic).substr(0, topic.size() - parsed->filter.size());
  require(std::string_view(*changed).starts_with(prefix), "the prefix of a filter is changed");
}

void check(std::string_view text) {
  if (text.size() > 4096) return;
  const Input input = input_of(text);
  const auto compiled = TopicRewrite::compile(input.rules);
  if (!compiled) {
    require(!compiled.error().empty(), "refused without a problem");
    for (const TopicRewrite::Problem& problem : compiled.error())
      require(problem.rule < input.rules.size() && !problem.what.empty(), "a problem of nobody");
    return;
  }
  require(compiled->empty() == input.rules.empty(), "rules got lost");
  for (const std::string& topic : input.topics) check_topic(input, *compiled, topic);
}

}  // namespace

std::vector<std::vector<uint8_t>> fuzz_seeds() {
  const std::string texts[] = {
      "ay/+/#\t^y/(.+)/z/(.+)$\ty/z/$2\ny/1/z/2\ny/def/z/1\n$share/g/y/1/z/2",
      "px/#\t^x/y/(.+)$\tz/y/x/$1\nx/y/2\nx/1/2\nsx/#\t(.*)\tclients/${clientid}/${username}/$1",
      "sa/+\t^a/(\\w+)$\tb/$1$1\na/b\n$queue/a/b\n$exclusive/a/c\na/+",
      "a#\t.*\t$0\na/b\n#\n+/x",
      "a+\t[\t$1\na\t\t\n",
  };
  std::vector<std::vector<uint8_t>> seeds;
  for (const std::string& text : texts) seeds.emplace_back(text.begin(), text.end());
  return seeds;
}

}  // namespace patchbay::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  patchbay::fuzz::check({reinterpret_cast<const char*>(data), size});
  return 0;
}

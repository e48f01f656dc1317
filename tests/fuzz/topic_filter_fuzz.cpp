// Topic filters and names, one a line: each that is a filter is taken apart without losing a character, and the three
// ways to match (level by level, the subscription index, the scan of an ordered tree) agree on every pair.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "base/epoch.h"
#include "fuzz/fuzz_target.h"
#include "router/matches.h"
#include "router/subscription_index.h"
#include "topic/topic_filter.h"
#include "topic/topic_name.h"
#include "topic/topic_tree.h"

namespace patchbay::fuzz {
namespace {

constexpr size_t kLines = 12;
constexpr topic::TopicLimits kLimits{200, 20};

void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "topic_filter_fuzz: %s\n", what);
  std::abort();
}

struct TopicOfText {
  std::string_view operator()(const std::string& text) const { return text; }
};

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty() && lines.size() < kLines) {
    const size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

/// What a filter is by the standard's words, written down anew.
bool is_filter(std::string_view text) {
  if (text.empty() || text.size() > kLimits.maximum_bytes || text.find('\0') != std::string_view::npos) return false;
  if (static_cast<uint32_t>(std::count(text.begin(), text.end(), '/')) + 1 > kLimits.maximum_levels) return false;
  for (size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '+' && text[at] != '#') continue;
    if (at != 0 && text[at - 1] != '/') return false;
    if (text[at] == '#' ? at + 1 != text.size() : at + 1 != text.size() && text[at + 1] != '/') return false;
  }
  return true;
}

void check_parsing(const std::string& text) {
  require(topic::is_valid_filter(text, kLimits) == is_filter(text), "another filter than the standard's");
  const auto parsed = topic::parse_filter(text, kLimits);
  if (!parsed) return;
  require(is_filter(parsed->filter), "a part that is no filter");
  require(std::string_view(text).ends_with(parsed->filter), "a filter that is not what stands at the end");
  require(parsed->has_wildcard == topic::has_wildcard(parsed->filter), "wildcards are not told");
  switch (parsed->kind) {
    case topic::FilterKind::plain:
      require(parsed->filter == text, "a plain filter lost something");
      break;
    case topic::FilterKind::exclusive:
      require("$exclusive/" + std::string(parsed->filter) == text, "an exclusive filter lost something");
      break;
    case topic::FilterKind::shared:
      const std::string prefix =
          parsed->group == topic::kQueueGroup ? "$queue/" : "$share/" + std::string(parsed->group) + "/";
      require(prefix + std::string(parsed->filter) == text, "a shared filter lost something");
      break;
  }
}

/// Subscribes each filter as a subscriber of its own and looks every name up.
void check_index(const std::vector<std::string>& filters, const std::vector<std::string>& names) {
  base::EpochDomain epoch;
  router::RouterLimits limits;
  limits.topic = kLimits;
  router::SubscriptionIndex index(limits, epoch, 1, 1);
  const auto handle = [](size_t at) { return distribution::SubscriberHandle(0, 1, static_cast<uint32_t>(at)); };
  for (size_t at = 0; at < filters.size(); ++at)
    require(index.add(filters[at], handle(at), {}, 0).reason == mqtt::ReasonCode::success, "a filter is refused");
  router::Matches matches;
  for (const std::string& name : names) {
    std::set<uint32_t> expected;
    for (size_t at = 0; at < filters.size(); ++at)
      if (topic::matches(filters[at], name)) expected.insert(static_cast<uint32_t>(at));
    std::set<uint32_t> found;
    epoch.enter(0);
    index.find(name, matches);
    matches.for_each([&found](const distribution::Delivery& delivery) {
      require(found.insert(delivery.subscriber.slot()).second, "a subscriber is found twice");
    });
    epoch.leave(0);
    require(found == expected, "the index finds others");
  }
  for (size_t at = 0; at < filters.size(); ++at) require(index.remove(filters[at], handle(at)), "a filter is gone");
  require(index.filter_count() == 0 && index.subscription_count() == 0, "something stays in the index");
}

/// Keeps every name and looks for each filter, a few steps at a time.
void check_tree(const std::vector<std::string>& filters, const std::vector<std::string>& names) {
  topic::TopicTree<std::string, TopicOfText> tree;
  for (const std::string& name : names) tree.put(name);
  for (const std::string& filter : filters) {
    std::multiset<std::string> found;
    std::optional<std::string> at = "";
    for (size_t rounds = 0; at; ++rounds) {
      require(rounds <= names.size() * 40 + 40, "a look-up without end");
      at = tree.find_matching(filter, *at, 2, [&found](const std::string& name) {
        found.insert(name);
        return true;
      });
    }
    std::multiset<std::string> expected;
    for (const std::string& name : std::set<std::string>(names.begin(), names.end()))
      if (topic::matches(filter, name)) expected.insert(name);
    require(found == expected, "the tree finds others");
  }
}

void check_containment(const std::vector<std::string>& filters, const std::vector<std::string>& names) {
  for (const std::string& outer : filters) {
    require(topic::contains(outer, outer), "a filter that does not contain itself");
    for (const std::string& inner : filters) {
      if (!topic::contains(outer, inner)) continue;
      for (const std::string& name : names)
        require(!topic::matches(inner, name) || topic::matches(outer, name), "contained, and matches more");
    }
  }
}

void check(std::string_view text) {
  std::vector<std::string> filters;
  std::vector<std::string> names;
  for (const std::string& line : lines_of(text)) {
    check_parsing(line);
    const auto parsed = topic::parse_filter(line, kLimits);
    if (parsed && parsed->kind == topic::FilterKind::plain) filters.push_back(line);
    if (topic::is_valid_topic_name(line, kLimits)) names.push_back(line);
    if (topic::is_delayed_topic(line)) {
      const auto delayed = topic::parse_delayed_topic(line);
      require(!delayed || (delayed->delay_s <= topic::kMaximumDelay_s && !delayed->topic.empty()),
              "a delay out of bounds");
    }
  }
  check_index(filters, names);
  check_tree(filters, names);
  check_containment(filters, names);
}

}  // namespace

std::vector<std::vector<uint8_t>> fuzz_seeds() {
  const std::string texts[] = {
      "a/b/c\na/+/c\na/#\n#\n+/+/+\n+\n/a\n//\n/\n+/",
      "$SYS/broker\n$SYS/#\n#\n+/broker\n$share/g/a/+\n$queue/a/#\n$exclusive/a/b\na/b",
      "a//b\na/+/b\na/#\na/\na\na/+\n+/#\n+//#",
      "$delayed/10/a/b\n$delayed/4294967/a\n$delayed/x/a\n$share//a\n$share/g\n$share/+/a",
      "sensors/\xc3\xa4/1\nsensors/+/1\nsensors/\xc3\xa4/#\nsensors/\xc3\xa4\nsensors/#/x\na+/b",
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

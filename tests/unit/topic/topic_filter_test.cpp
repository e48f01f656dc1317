#include "topic/topic_filter.h"

#include <catch2/catch.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"

using namespace patchbay::topic;

TEST_CASE("a multi-level wildcard stands alone in the last level [MQTT-4.7.1-1]") {
  for (const char* filter : {"#", "/#", "sport/tennis/#", "+/#", "a//#"}) CHECK(is_valid_filter(filter));
  for (const char* filter : {"sport/tennis#", "sport/tennis/#/ranking", "#/", "##", "#a", "+#", "a/#b"}) {
    INFO(filter);
    CHECK_FALSE(is_valid_filter(filter));
  }
}

TEST_CASE("a single-level wildcard stands alone in its level [MQTT-4.7.1-2]") {
  for (const char* filter : {"+", "+/", "/+", "+/tennis/#", "sport/+/player1", "+/+/+"}) CHECK(is_valid_filter(filter));
  for (const char* filter : {"sport+", "+a", "a/b+/c", "++", "a/+b"}) {
    INFO(filter);
    CHECK_FALSE(is_valid_filter(filter));
  }
}

TEST_CASE("a filter has at least one character, no NUL, and is within the limits [MQTT-4.7.3-1] [MQTT-4.7.3-2]") {
  CHECK_FALSE(is_valid_filter(""));
  CHECK_FALSE(is_valid_filter(std::string_view("a\0", 2)));
  CHECK(is_valid_filter("a/b", {3, 2}));
  CHECK_FALSE(is_valid_filter("a/bc", {3, 2}));
  CHECK_FALSE(is_valid_filter("a/b/c", {9, 2}));
  CHECK_FALSE(parse_filter("$share/g/a/b", {9, 2}));
}

TEST_CASE("a plain filter is taken as it is") {
  const auto parsed = parse_filter("a/+/c");
  REQUIRE(parsed);
  CHECK(parsed->kind == FilterKind::plain);
  CHECK(parsed->filter == "a/+/c");
  CHECK(parsed->group.empty());
  CHECK(parsed->has_wildcard);
  CHECK_FALSE(parse_filter("a/b")->has_wildcard);
  CHECK(parse_filter("$SYS/#")->kind == FilterKind::plain);
  CHECK(parse_filter("$shared/a/b")->kind == FilterKind::plain);
  CHECK(parse_filter("$share")->kind == FilterKind::plain);
}

TEST_CASE("a shared filter has a ShareName without wildcards [MQTT-4.8.2-1]") {
  const auto parsed = parse_filter("$share/group/a/#");
  REQUIRE(parsed);
  CHECK(parsed->kind == FilterKind::shared);
  CHECK(parsed->group == "group");
  CHECK(parsed->filter == "a/#");
  CHECK(parsed->has_wildcard);
  CHECK(parse_filter("$share/g//a")->filter == "/a");
  for (const char* filter : {"$share//a", "$share/+/a", "$share/#/a", "$share/g+/a", "$share/g#x/a"}) {
    INFO(filter);
    CHECK_FALSE(parse_filter(filter));
  }
}

TEST_CASE("a slash and a filter follow the ShareName [MQTT-4.8.2-2]") {
  for (const char* filter : {"$share/", "$share/g", "$share/g/", "$share/g/a#", "$share/g/#/a"}) {
    INFO(filter);
    CHECK_FALSE(parse_filter(filter));
  }
}

TEST_CASE("$queue is a shared filter of a group that nobody else can name") {
  const auto parsed = parse_filter("$queue/a/b");
  REQUIRE(parsed);
  CHECK(parsed->kind == FilterKind::shared);
  CHECK(parsed->group == kQueueGroup);
  CHECK(parsed->filter == "a/b");
  CHECK_FALSE(parse_filter("$queue/"));
  CHECK_FALSE(parse_filter("$share/" + std::string(kQueueGroup) + "/a"));
}

TEST_CASE("$exclusive is taken off") {
  const auto parsed = parse_filter("$exclusive/a/b");
  REQUIRE(parsed);
  CHECK(parsed->kind == FilterKind::exclusive);
  CHECK(parsed->filter == "a/b");
  CHECK_FALSE(parse_filter("$exclusive/"));
}

TEST_CASE("the examples of the standard match as it says [MQTT-4.7.1-1] [MQTT-4.7.1-2]") {
  CHECK(matches("sport/tennis/player1/#", "sport/tennis/player1"));
  CHECK(matches("sport/tennis/player1/#", "sport/tennis/player1/ranking"));
  CHECK(matches("sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon"));
  CHECK(matches("sport/#", "sport"));
  CHECK(matches("#", "a/b/c"));
  CHECK(matches("sport/tennis/+", "sport/tennis/player1"));
  CHECK_FALSE(matches("sport/tennis/+", "sport/tennis/player1/ranking"));
  CHECK_FALSE(matches("sport/+", "sport"));
  CHECK(matches("sport/+", "sport/"));
  CHECK(matches("+/+", "/finance"));
  CHECK(matches("/+", "/finance"));
  CHECK_FALSE(matches("+", "/finance"));
  CHECK(matches("a/b", "a/b"));
  CHECK_FALSE(matches("a/b", "A/b"));
  CHECK_FALSE(matches("a/b", "a/b/"));
  CHECK_FALSE(matches("/a", "a"));
}

TEST_CASE("wildcards at the front do not match names that begin with a dollar sign [MQTT-4.7.2-1]") {
  CHECK_FALSE(matches("#", "$SYS/broker"));
  CHECK_FALSE(matches("+/monitor/Clients", "$SYS/monitor/Clients"));
  CHECK(matches("$SYS/#", "$SYS/broker"));
  CHECK(matches("$SYS/#", "$SYS"));
  CHECK(matches("$SYS/monitor/+", "$SYS/monitor/Clients"));
  CHECK(matches("a/+/b", "a/$x/b"));
}

namespace {

std::string random_text(patchbay::base::Random& random, bool wildcards) {
  static const char* const kLevels[] = {"a", "b", "", "$x", "+", "#"};
  std::string text;
  const uint64_t count = 1 + random.below(4);
  for (uint64_t i = 0; i < count; ++i) {
    if (i != 0) text += '/';
    const char* level = kLevels[random.below(wildcards ? 6 : 4)];
    text += level;
    if (*level == '#') break;
  }
  return text.empty() ? "a" : text;
}

std::vector<std::string> all_names(size_t levels) {
  std::vector<std::string> names;
  std::vector<std::string> last{""};
  for (size_t depth = 0; depth < levels; ++depth) {
    std::vector<std::string> deeper;
    for (const std::string& name : last) {
      for (const char* level : {"a", "b", "", "$x", "c"}) deeper.push_back(depth == 0 ? level : name + "/" + level);
    }
    names.insert(names.end(), deeper.begin(), deeper.end());
    last = std::move(deeper);
  }
  std::erase(names, "");
  return names;
}

}  // namespace

TEST_CASE("containment says yes only where no name contradicts it, and no only where one does") {
  patchbay::base::SeededRandom random(11);
  // Every name of up to five levels of five values, one of them in no filter: enough for each possible contradiction
  // between filters of at most four levels.
  const std::vector<std::string> names = all_names(5);
  size_t contained = 0;
  for (int i = 0; i < 800; ++i) {
    const std::string outer = random_text(random, true);
    const std::string inner = random_text(random, true);
    bool contradicted = false;
    for (const std::string& name : names)
      contradicted = contradicted || (matches(inner, name) && !matches(outer, name));
    INFO(outer << " over " << inner);
    if (contains(outer, inner)) {
      ++contained;
      REQUIRE_FALSE(contradicted);
    } else {
      REQUIRE(contradicted);
    }
  }
  CHECK(contained > 20);
}

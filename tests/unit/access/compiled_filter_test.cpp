#include "access/compiled_filter.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "base/random.h"
#include "topic/topic_filter.h"

using namespace patchbay;
using access::AskedTopic;
using access::CompiledFilter;

namespace {

bool matches(const CompiledFilter& filter, std::string_view name) {
  return filter.matches(AskedTopic(name));
}

/// Levels that are long enough for fronts and ends of eight bytes to fall within, across and behind them.
std::string random_text(base::Random& random, const std::vector<std::string>& levels, bool filter) {
  std::string text;
  const uint64_t count = 1 + random.below(4);
  for (uint64_t i = 0; i < count; ++i) {
    if (i > 0) text += '/';
    if (filter && i + 1 == count && random.below(4) == 0) return text + '#';
    text += filter && random.below(4) == 0 ? std::string("+") : levels[random.below(levels.size())];
  }
  return text.empty() ? "a" : text;
}

}  // namespace

TEST_CASE("a compiled filter matches what the standard's words match") {
  const std::vector<std::string> levels = {"a", "b", "", "$x", "building", "building7", "temperature", "temperaturf"};
  base::SeededRandom random(21);
  size_t matched = 0;
  for (int round = 0; round < 4'000; ++round) {
    const std::string text = random_text(random, levels, true);
    CompiledFilter filter(text);
    if (random.below(2) == 0) filter.aim(random.below(40));
    if (random.below(2) == 0) filter.aim(random.below(40));
    for (int i = 0; i < 25; ++i) {
      const std::string name = random_text(random, levels, false);
      INFO(text << " and " << name);
      REQUIRE(matches(filter, name) == topic::matches(text, name));
      matched += topic::matches(text, name) ? 1 : 0;
    }
  }
  CHECK(matched > 2'000);
}

TEST_CASE("the corners of wildcards") {
  CHECK(matches(CompiledFilter("a/#"), "a"));  // '#' stands for the level before it too
  CHECK_FALSE(matches(CompiledFilter("a/#"), "ab"));
  CHECK(matches(CompiledFilter("/#"), "/"));
  CHECK_FALSE(matches(CompiledFilter("/#"), "a"));
  CHECK(matches(CompiledFilter("+"), "a"));
  CHECK_FALSE(matches(CompiledFilter("+"), "a/b"));
  CHECK(matches(CompiledFilter("a/+"), "a/"));
  CHECK_FALSE(matches(CompiledFilter("a/+"), "a"));
  CHECK_FALSE(matches(CompiledFilter("a/+/a"), "a/a"));
  CHECK(matches(CompiledFilter("+/+/#"), "a/b"));
  CHECK_FALSE(matches(CompiledFilter("+/+/#"), "a"));
  // The end of the filter may not be taken from its own front.
  CHECK_FALSE(matches(CompiledFilter("building/+/building"), "building/building"));
}

TEST_CASE("[MQTT-4.7.2-1] only a filter for everything reaches '$' topics by a wildcard in front") {
  CHECK_FALSE(matches(CompiledFilter("#"), "$SYS/x"));
  CHECK_FALSE(matches(CompiledFilter("+/x"), "$SYS/x"));
  CHECK(matches(CompiledFilter("$SYS/+"), "$SYS/x"));
  CHECK(matches(CompiledFilter("#", true), "$SYS/x"));
}

TEST_CASE("where it looks first changes nothing about what it matches") {
  const std::string text = "plant/line12/device-0042/state";
  for (size_t common = 0; common < 40; ++common) {
    CompiledFilter filter(text);
    filter.aim(common);
    INFO(common);
    CHECK(matches(filter, text));
    for (size_t at = 0; at < text.size(); ++at) {
      std::string other = text;
      other[at] = 'X';
      CHECK_FALSE(matches(filter, other));
    }
    CHECK_FALSE(matches(filter, text + "s"));
    CHECK_FALSE(matches(filter, text.substr(1)));
  }
}

#include "support/topic_match.h"

#include <catch2/catch.hpp>
#include <functional>
#include <string>
#include <vector>

using namespace patchbay::support;

namespace {

// All texts of up to `depth` levels out of `levels`.
std::vector<std::string> all_texts(const std::vector<std::string>& levels, int depth) {
  std::vector<std::string> texts;
  std::function<void(const std::string&, int)> extend = [&](const std::string& front, int more) {
    for (const auto& level : levels) {
      texts.push_back(front + level);
      if (more > 1) extend(front + level + "/", more - 1);
    }
  };
  extend("", depth);
  return texts;
}

std::vector<std::string> valid_filters() {
  std::vector<std::string> filters;
  for (auto& text : all_texts({"a", "$b", "", "+", "#"}, 3)) {
    if (is_valid_filter(text)) filters.push_back(text);
  }
  return filters;
}

std::vector<std::string> names() {
  std::vector<std::string> topics;
  for (auto& text : all_texts({"a", "$b", "", "z"}, 4)) {
    if (is_valid_topic(text)) topics.push_back(text);
  }
  return topics;
}

TopicPattern pattern(std::string_view text, TopicPattern::Style style = TopicPattern::Style::both) {
  std::string reason;
  auto parsed = TopicPattern::parse(text, reason, style);
  INFO(text << ": " << reason);
  REQUIRE(parsed.has_value());
  return *parsed;
}

TopicValues ann() {
  TopicValues values;
  values.client_id = "c1";
  values.username = "ann";
  values.peerhost = "10.0.0.7";
  values.attribute = [](const void*, std::string_view name) {
    return name == "site" ? std::string_view("berlin") : std::string_view();
  };
  return values;
}

}  // namespace

TEST_CASE("filters by the standard") {
  // [MQTT-4.7.1-1] [MQTT-4.7.1-2] [MQTT-4.7.3-1] [MQTT-4.7.3-2]
  for (const std::string_view valid : {"a", "/", "a/+/b", "+", "#", "a/#", "+/+", "$SYS/#", "a//b"}) {
    INFO(valid);
    CHECK(is_valid_filter(valid));
  }
  for (const std::string_view invalid :
       {std::string_view(""), std::string_view("a/#/b"), std::string_view("a#"), std::string_view("a+"),
        std::string_view("+a/b"), std::string_view("a\0b", 3)}) {
    INFO(invalid);
    CHECK_FALSE(is_valid_filter(invalid));
  }
  CHECK(is_valid_topic("a/b"));
  CHECK_FALSE(is_valid_topic("a/+"));
}

TEST_CASE("matching by the standard") {
  CHECK(filter_matches("a/#", "a"));
  CHECK(filter_matches("a/#", "a/b/c"));
  CHECK(filter_matches("a/+", "a/"));
  CHECK_FALSE(filter_matches("a/+", "a"));
  CHECK_FALSE(filter_matches("+", "a/b"));
  CHECK(filter_matches("+/+", "/a"));
  // [MQTT-4.7.2-1]
  CHECK_FALSE(filter_matches("#", "$SYS/x"));
  CHECK_FALSE(filter_matches("+/x", "$SYS/x"));
  CHECK(filter_matches("$SYS/#", "$SYS/x"));
}

TEST_CASE("containment and overlap agree with trying all names") {
  const auto filters = valid_filters();
  const auto topics = names();
  for (const auto& outer : filters) {
    for (const auto& inner : filters) {
      bool all = true;
      bool any = false;
      for (const auto& topic : topics) {
        if (!filter_matches(inner, topic)) continue;
        const bool too = filter_matches(outer, topic);
        all = all && too;
        any = any || too;
      }
      INFO(outer << " and " << inner);
      if (filter_contains(outer, inner) != all) FAIL("contains");
      if (filters_overlap(outer, inner) != any) FAIL("overlap");
    }
  }
  CHECK(filters.size() > 60);
}

TEST_CASE("what stands in front of a shared filter") {
  CHECK(without_share("$share/g/a/#") == "a/#");
  CHECK(without_share("$queue/a") == "a");
  CHECK(without_share("$exclusive/a/b") == "a/b");
  CHECK(without_share("$share/g") == "$share/g");
  CHECK(without_share("$share/g/") == "$share/g/");
  CHECK(without_share("a/$share/g/b") == "a/$share/g/b");
}

TEST_CASE("placeholders are filled with the client's values") {
  CHECK(pattern("dev/${clientid}/#").concerns_topic(ann(), "dev/c1/x", true));
  CHECK_FALSE(pattern("dev/${clientid}/#").concerns_topic(ann(), "dev/c2/x", true));
  CHECK(pattern("dev/%c/%u").concerns_topic(ann(), "dev/c1/ann", true));
  CHECK(pattern("p-${username}-x/+").concerns_topic(ann(), "p-ann-x/1", true));
  CHECK(pattern("${client_attrs.site}/t").concerns_topic(ann(), "berlin/t", true));
  CHECK(pattern("${attr.site}/${peerhost}").concerns_topic(ann(), "berlin/10.0.0.7", true));
  CHECK(pattern("dev/${clientid}/+").concerns_filter(ann(), "dev/c1/a", true));
  CHECK_FALSE(pattern("dev/${clientid}/+").concerns_filter(ann(), "dev/+/a", true));
  CHECK_FALSE(pattern("dev/${clientid}/+").concerns_filter(ann(), "dev/c1/#", true));
  CHECK(pattern("dev/${clientid}/+").concerns_filter(ann(), "dev/#", false));
}

TEST_CASE("each style knows its own placeholders") {
  CHECK(pattern("%c/${clientid}", TopicPattern::Style::percent).text() == "%c/${clientid}");
  CHECK(pattern("%c/${clientid}", TopicPattern::Style::percent).concerns_topic(ann(), "c1/${clientid}", true));
  CHECK(pattern("%c/${clientid}", TopicPattern::Style::braces).concerns_topic(ann(), "%c/c1", true));
  CHECK(pattern("100%/a", TopicPattern::Style::both).concerns_topic(ann(), "100%/a", true));
}

TEST_CASE("a client's own value brings no wildcard, level or NUL into a filter") {
  using namespace std::string_view_literals;
  for (const std::string_view bad : {"+"sv, "#"sv, "a/b"sv, "x+"sv, "#x"sv, "a\0b"sv, ""sv}) {
    TopicValues values = ann();
    values.username = bad;
    INFO(bad);
    const TopicPattern own = pattern("home/${username}/#");
    CHECK_FALSE(own.concerns_topic(values, "home/ann/x", true));
    CHECK_FALSE(own.concerns_topic(values, "home/" + std::string(bad) + "/x", true));
    CHECK_FALSE(own.concerns_filter(values, "home/ann/x", true));
    CHECK_FALSE(own.concerns_filter(values, "home/+/x", true));
    // A rule that denies is then about all that it could have meant.
    CHECK(own.concerns_topic(values, "home/ann/x", false));
    CHECK(own.concerns_filter(values, "home/b", false));
    CHECK_FALSE(own.concerns_topic(values, "other/ann/x", false));
  }
}

TEST_CASE("a client named like a system topic gets no part of it") {
  TopicValues values = ann();
  values.client_id = "$SYS";
  CHECK_FALSE(pattern("${clientid}/#").concerns_topic(values, "$SYS/broker", true));
  CHECK(pattern("${clientid}/#").concerns_topic(values, "$SYS/broker", false));
  CHECK(pattern("d/${clientid}/#").concerns_topic(values, "d/$SYS/x", true));
}

TEST_CASE("a missing attribute allows nothing") {
  CHECK_FALSE(pattern("s/${attr.room}/#").concerns_topic(ann(), "s/x", true));
  TopicValues without = ann();
  without.attribute = nullptr;
  CHECK_FALSE(pattern("s/${attr.site}/#").concerns_topic(without, "s/berlin/x", true));
}

TEST_CASE("eq is letter by letter") {
  const TopicPattern all = pattern("eq #");
  CHECK(all.literal());
  CHECK(all.text() == "#");
  CHECK(all.concerns_filter(ann(), "#", false));
  CHECK_FALSE(all.concerns_filter(ann(), "a/#", false));
  CHECK_FALSE(all.concerns_topic(ann(), "a", true));
  const TopicPattern named = pattern("eq a/${clientid}");
  CHECK(named.concerns_topic(ann(), "a/${clientid}", true));
  CHECK_FALSE(named.concerns_topic(ann(), "a/c1", true));
}

TEST_CASE("what is no pattern is refused with a reason") {
  for (const std::string_view text :
       {"", "a/#/b", "${password}/x", "${clientid", "a/${attr.}", "${}", "x+", "eq ", "${clientid}+"}) {
    std::string reason;
    INFO(text);
    CHECK_FALSE(TopicPattern::parse(text, reason).has_value());
    CHECK_FALSE(reason.empty());
  }
}

TEST_CASE("a value that doesn't fit is one that can't be known") {
  TopicValues values = ann();
  const std::string long_name(3000, 'n');
  values.username = long_name;
  CHECK_FALSE(pattern("h/${username}").concerns_topic(values, "h/" + long_name, true));
  CHECK(pattern("h/${username}").concerns_topic(values, "h/" + long_name, false));
  char room[7];
  values.username = "ann";
  CHECK(pattern("h/${username}").fill(values, room).filter == "h/ann");
  CHECK(pattern("home/${username}").fill(values, room).filter == "home/#");
  CHECK_FALSE(pattern("home/${username}").fill(values, room).safe);
}

TEST_CASE("looking at the front first changes nothing about what a pattern is about") {
  const auto topics = names();
  for (const std::string_view text : {"a/${clientid}", "a/z${username}/#", "a/z${username}", "${username}/a",
                                      "+/${clientid}/a", "a/+/${clientid}", "a/${clientid}/${username}", "a/+", "a/+/#",
                                      "a/#", "/#", "#", "+", "$b/#", "a/z", "z/${clientid}/#", "z${clientid}"}) {
    for (const std::string_view value : {"a", "z", "+", ""}) {
      TopicValues values;
      values.client_id = values.username = value;
      const TopicPattern tried = pattern(text);
      char room[256];
      const TopicPattern::Filled filled = tried.fill(values, room);
      for (const std::string& topic : topics) {
        const bool about = filled.everything || filter_matches(filled.filter, topic);
        INFO(text << " with \"" << value << "\" and " << topic);
        REQUIRE(tried.concerns_topic(values, topic, false) == about);
        REQUIRE(tried.concerns_topic(values, topic, true) == (filled.safe && about));
      }
    }
  }
}

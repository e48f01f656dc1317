#include "topic/topic_name.h"

#include <catch2/catch.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "topic/levels.h"

using namespace patchbay::topic;

namespace {

std::vector<std::string> levels_of(std::string_view text) {
  std::vector<std::string> result;
  for (Levels levels(text); levels.next();) {
    CHECK(text.substr(levels.begin(), levels.end() - levels.begin()) == levels.level());
    result.emplace_back(levels.level());
    CHECK(levels.at_last() == (result.size() == count_levels(text)));
  }
  return result;
}

}  // namespace

TEST_CASE("levels are what lies between the slashes, empty ones included") {
  CHECK(levels_of("a/b/c") == std::vector<std::string>{"a", "b", "c"});
  CHECK(levels_of("/finance") == std::vector<std::string>{"", "finance"});
  CHECK(levels_of("a//b/") == std::vector<std::string>{"a", "", "b", ""});
  CHECK(levels_of("/") == std::vector<std::string>{"", ""});
  CHECK(levels_of("") == std::vector<std::string>{""});
  CHECK(count_levels("a/b/c") == 3);
}

TEST_CASE("a topic name has at least one character [MQTT-4.7.3-1]") {
  CHECK_FALSE(is_valid_topic_name(""));
  CHECK(is_valid_topic_name("/"));
  CHECK(is_valid_topic_name("a"));
  CHECK(is_valid_topic_name(" "));
  CHECK(is_valid_topic_name("ACCOUNTS/Größe/€"));
}

TEST_CASE("a topic name has no wildcards [MQTT-3.3.2-2]") {
  for (const char* name : {"#", "+", "a/#", "a/+/b", "a+", "a#b"}) CHECK_FALSE(is_valid_topic_name(name));
}

TEST_CASE("a topic name has no NUL [MQTT-4.7.3-2]") {
  CHECK_FALSE(is_valid_topic_name(std::string_view("a\0b", 3)));
  CHECK_FALSE(is_valid_topic_name(std::string_view("\0", 1)));
}

TEST_CASE("a topic name is within the limits [MQTT-4.7.3-3]") {
  const TopicLimits limits{10, 3};
  CHECK(is_valid_topic_name("0123456789", limits));
  CHECK_FALSE(is_valid_topic_name("0123456789a", limits));
  CHECK(is_valid_topic_name("a/b/c", limits));
  CHECK_FALSE(is_valid_topic_name("a/b/c/", limits));
  CHECK(is_valid_topic_name(std::string(65535, 'a'), {65535, 1}));
  CHECK_FALSE(is_valid_topic_name(std::string(65536, 'a'), {65535, 1}));
}

TEST_CASE("a delayed topic is seconds and a topic") {
  const auto parsed = parse_delayed_topic("$delayed/15/room/1/light");
  REQUIRE(parsed);
  CHECK(parsed->delay_s == 15);
  CHECK(parsed->topic == "room/1/light");
  CHECK(parse_delayed_topic("$delayed/0/a")->delay_s == 0);
  CHECK(parse_delayed_topic("$delayed/4294967/a")->delay_s == 4294967);
  CHECK(parse_delayed_topic("$delayed/1//a")->topic == "/a");
  CHECK(is_delayed_topic("$delayed/1/a"));
  CHECK_FALSE(is_delayed_topic("$delayed"));
  CHECK_FALSE(is_delayed_topic("delayed/1/a"));
}

TEST_CASE("a delayed topic that cannot be parsed is refused") {
  for (const char* name : {"$delayed/", "$delayed/15", "$delayed/15/", "$delayed//a", "$delayed/-1/a", "$delayed/+1/a",
                           "$delayed/1x/a", "$delayed/ 1/a", "$delayed/4294968/a", "$delayed/99999999999999999999/a",
                           "$delayed/1.5/a", "$delayed/1/$delayed/1/a"}) {
    INFO(name);
    CHECK_FALSE(parse_delayed_topic(name));
  }
}

TEST_CASE("names that begin with a dollar sign are recognised") {
  CHECK(is_dollar_topic("$SYS/broker"));
  CHECK_FALSE(is_dollar_topic("a/$SYS"));
  CHECK_FALSE(is_dollar_topic(""));
}

#include "destination.h"

#include <catch2/catch.hpp>

#include "base64.h"
#include "utf8.h"
#include "version.h"

using namespace patchbay::stomp;  // NOLINT: test

namespace {

std::string topic(std::string_view destination, const DestinationRules& rules = {}) {
  const auto place = topic_of(destination, rules);
  return place ? place->topic : "<none>";
}
std::string filter(std::string_view destination, const DestinationRules& rules = {}) {
  const auto place = filter_of(destination, rules);
  return place ? place->topic : "<none>";
}
std::string back(std::string_view topic_name, DestinationForm form, const DestinationRules& rules = {}) {
  std::string out;
  append_destination(out, topic_name, form, rules);
  return out;
}

}  // namespace

TEST_CASE("stomp destinations: SEND goes to topics") {
  CHECK(topic("/topic/a.b.c") == "a/b/c");
  CHECK(topic("/topic/a/b") == "a/b");
  CHECK(topic("/queue/jobs.new") == "jobs/new");
  CHECK(topic("a/b.c") == "a/b.c");
  CHECK(topic("/a") == "/a");
  CHECK(topic("$SYS/x") == "$SYS/x");
  CHECK(topic("/topic/a..b") == "a//b");
  for (const auto* wrong :
       {"/topic/", "/queue/", "", "/topic/a.*", "/topic/a.#", "/topic/>", "/topic/a*b", "a/+", "#"}) {
    INFO(wrong);
    CHECK(topic(wrong) == "<none>");
  }
}

TEST_CASE("stomp destinations: SUBSCRIBE has wildcards, and queues are shared") {
  CHECK(filter("/topic/a.*.c") == "a/+/c");
  CHECK(filter("/topic/a.+.c") == "a/+/c");
  for (const auto* all : {"/topic/a.#", "/topic/a.>", "/topic/a.**"}) CHECK(filter(all) == "a/#");
  CHECK(filter("/queue/jobs.*") == "$share/stomp/jobs/+");
  CHECK(filter("a/+/#") == "a/+/#");
  CHECK(filter("$share/g/a") == "$share/g/a");
  for (const auto* wrong : {"/topic/#.a", "/topic/a*.b", "/topic/>.b", "/topic/"}) CHECK(filter(wrong) == "<none>");
}

TEST_CASE("stomp destinations: each topic has one destination and comes back from it") {
  const DestinationRules slashes{.separator = "/"};
  for (const auto* name : {"a", "a/b", "v1.0/x", "100%", "%2E", "a/*/b", "/a", "a/", "a//b", "x>y", "ä/€"}) {
    INFO(name);
    CHECK(topic(back(name, DestinationForm::topic)) == name);
    CHECK(topic(back(name, DestinationForm::queue)) == name);
    CHECK(topic(back(name, DestinationForm::plain)) == name);
    CHECK(topic(back(name, DestinationForm::topic, slashes), slashes) == name);
  }
  CHECK(back("v1.0/x", DestinationForm::topic) == "/topic/v1%2E0.x");
  CHECK(back("v1.0/x", DestinationForm::topic, slashes) == "/topic/v1.0/x");
}

TEST_CASE("stomp destinations: the rules are the operator's") {
  const DestinationRules rules{.topic_prefix = "jms.topic.",
                               .queue_prefix = "jms.queue.",
                               .separator = "/",
                               .queue_group = "workers",
                               .queue_topic_prefix = "q/",
                               .plain = false};
  CHECK(topic("jms.topic.a/b", rules) == "a/b");
  CHECK(topic("jms.queue.a", rules) == "q/a");
  CHECK(filter("jms.queue.a", rules) == "$share/workers/q/a");
  CHECK(back("q/a", DestinationForm::queue, rules) == "jms.queue.a");
  CHECK(topic("a/b", rules) == "<none>");
  CHECK(filter("a/b", rules) == "<none>");
  CHECK(is_shared("$share/g/a"));
  CHECK(is_shared("$queue/a"));
  CHECK_FALSE(is_shared("share/a"));
}

TEST_CASE("stomp versions: the highest that both speak (Protocol Negotiation)") {
  CHECK(highest_version("1.0,1.1,2.0") == Version::v1_1);
  CHECK(highest_version("1.2, 1.1") == Version::v1_2);
  CHECK(highest_version("1.0") == Version::v1_0);
  CHECK_FALSE(highest_version("2.1"));
  CHECK_FALSE(highest_version(""));
  CHECK_FALSE(highest_version("1.20,11"));
}

TEST_CASE("stomp texts: UTF-8 and base64") {
  CHECK(is_text("aä€😀"));
  for (const std::string& wrong :
       {std::string("\0", 1), std::string("\x80"), std::string("\xc3"), std::string("\xc0\x80"),
        std::string("\xe0\x80\x80"), std::string("\xed\xa0\x80"), std::string("\xf4\x90\x80\x80"),
        std::string("\xf0\x80\x80\x80"), std::string("\xf5\x80\x80\x80"), std::string("\xe2\x82")}) {
    CHECK_FALSE(is_text(wrong));
  }
  const std::pair<std::string, std::string> pairs[] = {{"", ""},        {"f", "Zg=="},        {"fo", "Zm8="},
                                                       {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"\xff\xfe", "//4="}};
  for (const auto& [bytes, text] : pairs) {
    CHECK(base64(bytes) == text);
    CHECK(from_base64(text) == bytes);
  }
  for (const auto* wrong : {"Zg", "Zg=", "Zh==", "Z===", "Zg==Zg==", "Zm9 ", "====", "=", "Zm9v\n"}) {
    INFO(wrong);
    CHECK_FALSE(from_base64(wrong));
  }
}

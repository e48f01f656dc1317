#include "router/topic_rewrite.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

using patchbay::router::TopicRewrite;
using Action = TopicRewrite::Action;

namespace {

TopicRewrite compile(const std::vector<TopicRewrite::Rule>& rules) {
  auto result = TopicRewrite::compile(rules);
  REQUIRE(result);
  return std::move(result).value();
}

std::string publish(const TopicRewrite& rewrite, std::string_view topic) {
  return rewrite.publish_topic(topic, "client-1", "ann").value_or("-");
}

std::string subscribe(const TopicRewrite& rewrite, std::string_view filter) {
  return rewrite.subscribe_filter(filter, "client-1", "ann").value_or("-");
}

}  // namespace

TEST_CASE("without rules everything stays") {
  const TopicRewrite rewrite;
  CHECK(rewrite.empty());
  CHECK(publish(rewrite, "a") == "-");
  CHECK(subscribe(rewrite, "a/#") == "-");
}

TEST_CASE("the examples of EMQX's manual give what it says") {
  const TopicRewrite rewrite = compile({
      {Action::all, "y/+/z/#", "^y/(.+)/z/(.+)$", "y/z/$2"},
      {Action::all, "x/#", "^x/y/(.+)$", "z/y/x/$1"},
      {Action::all, "x/y/+", "^x/y/(\\d+)$", "z/y/$1"},
  });
  CHECK(publish(rewrite, "y/a/z/b") == "y/z/b");
  CHECK(publish(rewrite, "y/def") == "-");
  CHECK(publish(rewrite, "x/1/2") == "-");  // the first rule that matches by filter decides
  CHECK(publish(rewrite, "x/y/2") == "z/y/x/2");
  CHECK(publish(rewrite, "x/y/z") == "z/y/x/z");
  CHECK(subscribe(rewrite, "x/y/2") == "z/y/x/2");
}

TEST_CASE("a rule holds for its action") {
  const TopicRewrite rewrite = compile({
      {Action::publish, "p/#", "^p/(.*)$", "from-publish/$1"},
      {Action::subscribe, "s/#", "^s/(.*)$", "from-subscribe/$1"},
  });
  CHECK(publish(rewrite, "p/1") == "from-publish/1");
  CHECK(publish(rewrite, "s/1") == "-");
  CHECK(subscribe(rewrite, "p/1") == "-");
  CHECK(subscribe(rewrite, "s/1") == "from-subscribe/1");
}

TEST_CASE("wildcards of a subscription are rewritten like any text") {
  const TopicRewrite rewrite = compile({{Action::subscribe, "a/#", "^a/(.+)$", "b/$1"}});
  CHECK(subscribe(rewrite, "a/+/c") == "b/+/c");
  CHECK(subscribe(rewrite, "a/#") == "b/#");
}

TEST_CASE("of a shared, queue or exclusive filter only the inner part is rewritten") {
  const TopicRewrite rewrite = compile({{Action::all, "a/#", "^a/(.+)$", "b/$1"}});
  CHECK(subscribe(rewrite, "$share/g/a/1") == "$share/g/b/1");
  CHECK(subscribe(rewrite, "$queue/a/1") == "$queue/b/1");
  CHECK(subscribe(rewrite, "$exclusive/a/1") == "$exclusive/b/1");
  CHECK(subscribe(rewrite, "$share/a/1") == "-");
}

TEST_CASE("client id, user name and groups are filled in") {
  const TopicRewrite rewrite = compile({
      {Action::all, "in/#", "^in/(\\w+)/(\\w+)$", "$2/${clientid}/${username}/$1/$0x$"},
  });
  CHECK(publish(rewrite, "in/a/b") == "b/client-1/ann/a/in/a/bx$");
  CHECK(rewrite.publish_topic("in/a/b", "c", "").value() == "b/c//a/in/a/bx$");
}

TEST_CASE("a group that took no part is empty, two digits name a group") {
  const TopicRewrite rewrite = compile({
      {Action::all, "o/#", "^o/(x)?(.*)$", "r/[$1]/$2"},
      {Action::all, "n/#", "^n/(.)(.)(.)(.)(.)(.)(.)(.)(.)(.)(.)$", "r/$11$10"},
  });
  CHECK(publish(rewrite, "o/abc") == "r/[]/abc");
  CHECK(publish(rewrite, "n/abcdefghijk") == "r/kj");
}

TEST_CASE("all problems of all rules are named") {
  const auto result = TopicRewrite::compile({
      {Action::all, "a/#", "^a/(.+)$", "b/$1"},
      {Action::all, "a/#/b", "(", "b"},
      {Action::all, "a", "^a$", ""},
      {Action::all, "a", "^(a)$", "$1/$2"},
  });
  REQUIRE_FALSE(result);
  const auto& problems = result.error();
  REQUIRE(problems.size() == 4);
  CHECK(problems[0].rule == 1);
  CHECK(problems[0].what.find("source_topic") != std::string::npos);
  CHECK(problems[1].rule == 1);
  CHECK(problems[1].what.find("re:") == 0);
  CHECK(problems[2].rule == 2);
  CHECK(problems[3].rule == 3);
  CHECK(problems[3].what.find("$2") != std::string::npos);
}

TEST_CASE("an expression that would explode elsewhere takes linear time") {
  const TopicRewrite rewrite = compile({{Action::all, "#", "^(a+)+$", "b"}});
  CHECK(publish(rewrite, std::string(1000, 'a') + "!") == "-");
}

#include "access/decision_cache.h"

#include <catch2/catch.hpp>

using namespace patchbay;
using access::Action;
using access::AuthorizeEvent;
using access::AuthorizeResult;
using access::DecisionCache;

namespace {

AuthorizeEvent question(std::string_view topic, bool allowed = true) {
  AuthorizeEvent event;
  event.topic = topic;
  event.result = allowed ? AuthorizeResult::allow() : AuthorizeResult::deny();
  return event;
}

}  // namespace

TEST_CASE("a decision is found until its time is over") {
  DecisionCache cache;
  cache.store(question("a"), 1'000, 500, 8);
  cache.store(question("b", false), 1'000, 500, 8);
  REQUIRE(cache.find(question("a"), 1'499).has_value());
  CHECK(cache.find(question("a"), 1'499)->allowed);
  CHECK_FALSE(cache.find(question("b"), 1'499)->allowed);
  CHECK_FALSE(cache.find(question("c"), 1'000).has_value());
  CHECK_FALSE(cache.find(question("a"), 1'500).has_value());
}

TEST_CASE("everything that the question holds tells decisions apart") {
  DecisionCache cache;
  cache.store(question("a"), 0, 500, 8);
  AuthorizeEvent other = question("a");
  other.action = Action::subscribe;
  CHECK_FALSE(cache.find(other, 0).has_value());
  other = question("a");
  other.qos = mqtt::Qos::at_least_once;
  CHECK_FALSE(cache.find(other, 0).has_value());
  other = question("a");
  other.retain = true;
  CHECK_FALSE(cache.find(other, 0).has_value());
  other = question("a");
  other.share_name = "g";
  CHECK_FALSE(cache.find(other, 0).has_value());
  AuthorizeEvent shifted = question("");
  shifted.share_name = "a";
  CHECK_FALSE(cache.find(shifted, 0).has_value());
}

TEST_CASE("a new decision for the same question takes the old one's place") {
  DecisionCache cache;
  cache.store(question("a", true), 0, 500, 8);
  cache.store(question("a", false), 400, 500, 8);
  CHECK(cache.size() == 1);
  CHECK_FALSE(cache.find(question("a"), 600)->allowed);
}

TEST_CASE("the cache never grows beyond its bound: expired ones go first, then the oldest") {
  DecisionCache cache;
  cache.store(question("a"), 0, 100, 3);
  cache.store(question("b"), 0, 1'000, 3);
  cache.store(question("c"), 0, 1'000, 3);
  cache.store(question("d"), 200, 1'000, 3);
  CHECK(cache.size() == 3);
  CHECK_FALSE(cache.find(question("a"), 200).has_value());
  CHECK(cache.find(question("b"), 200).has_value());
  for (int i = 0; i < 100; ++i) cache.store(question("t" + std::to_string(i)), 300, 1'000, 3);
  CHECK(cache.size() == 3);
  CHECK(cache.find(question("t99"), 300).has_value());
  CHECK(cache.find(question("t98"), 300).has_value());
  CHECK(cache.find(question("t97"), 300).has_value());
  cache.clear();
  CHECK(cache.size() == 0);
}

TEST_CASE("without time or room nothing is kept") {
  DecisionCache cache;
  cache.store(question("a"), 0, 0, 8);
  cache.store(question("a"), 0, 100, 0);
  CHECK(cache.size() == 0);
}

TEST_CASE("topics of every length, and many of one length, are told apart") {
  DecisionCache cache;
  const std::string text(40, 'a');
  for (size_t size = 0; size <= text.size(); ++size) {
    cache.store(question(std::string_view(text).substr(0, size), size % 2 == 0), 0, 500, 64);
  }
  for (size_t size = 0; size <= text.size(); ++size) {
    INFO(size);
    REQUIRE(cache.find(question(std::string_view(text).substr(0, size)), 0).has_value());
    CHECK(cache.find(question(std::string_view(text).substr(0, size)), 0)->allowed == (size % 2 == 0));
    std::string other = text.substr(0, size);
    if (other.empty()) continue;
    other.back() = 'b';
    CHECK_FALSE(cache.find(question(other), 0).has_value());
  }
  CHECK(cache.size() == text.size() + 1);
}

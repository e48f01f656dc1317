#include "topic/topic_tree.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "topic/topic_filter.h"
#include "topic/topic_order.h"

using namespace patchbay::topic;

namespace {

struct Item {
  std::string topic;
  int value = 0;
};
struct TopicOfItem {
  std::string_view operator()(const Item& item) const { return item.topic; }
};
using Tree = TopicTree<Item, TopicOfItem>;

std::vector<std::string> find_all(const Tree& tree, std::string_view filter, size_t steps_at_once,
                                  size_t* pages = nullptr) {
  std::vector<std::string> found;
  std::string resume_at;
  for (size_t page = 1;; ++page) {
    const auto next = tree.find_matching(filter, resume_at, steps_at_once, [&](const Item& item) {
      found.push_back(item.topic);
      return true;
    });
    if (pages != nullptr) *pages = page;
    if (!next) return found;
    REQUIRE((resume_at.empty() || compare_topics(resume_at, *next) < 0));
    resume_at = *next;
  }
}

std::string random_topic(patchbay::base::Random& random) {
  static const char* const kLevels[] = {"a", "b", "aa", "", "!", "$", "$s", "%"};
  std::string topic = kLevels[random.below(8)];
  for (uint64_t more = random.below(4); more > 0; --more) topic.append("/").append(kLevels[random.below(8)]);
  return topic.empty() ? "a" : topic;
}

std::string random_filter(patchbay::base::Random& random) {
  std::string topic = random_topic(random);
  std::string filter;
  size_t begin = 0;
  while (begin <= topic.size()) {
    const size_t end = std::min(topic.find('/', begin), topic.size());
    if (!filter.empty() || begin != 0) filter += '/';
    const uint64_t choice = random.below(6);
    if (choice == 0) return filter + "#";
    filter += choice <= 2 ? "+" : topic.substr(begin, end - begin);
    begin = end + 1;
  }
  return filter.empty() ? "+" : filter;
}

}  // namespace

TEST_CASE("topics are ordered level by level, a topic before all that is below it") {
  const std::vector<std::string> sorted{"",    "/",     "/a",  "!",  "a",    "a/", "a//b",
                                        "a/b", "a/b/c", "a/c", "a!", "a!/b", "ab", "b"};
  for (size_t i = 0; i < sorted.size(); ++i) {
    for (size_t k = 0; k < sorted.size(); ++k) {
      INFO(sorted[i] << " and " << sorted[k]);
      const int order = compare_topics(sorted[i], sorted[k]);
      CHECK((order < 0) == (i < k));
      CHECK((order == 0) == (i == k));
    }
  }
}

TEST_CASE("what is put is found, replaced and taken") {
  Tree tree;
  CHECK_FALSE(tree.put({"a/b", 1}));
  CHECK_FALSE(tree.put({"a", 2}));
  REQUIRE(tree.find("a/b") != nullptr);
  CHECK(tree.find("a/b")->value == 1);
  const auto before = tree.put({"a/b", 3});
  REQUIRE(before);
  CHECK(before->value == 1);
  CHECK(tree.size() == 2);
  CHECK(tree.take("a/b")->value == 3);
  CHECK_FALSE(tree.take("a/b"));
  CHECK(tree.find("a/b") == nullptr);
  CHECK(tree.size() == 1);
}

TEST_CASE("a filter finds the same topics as looking at every topic, whatever the page size [MQTT-4.7.2-1]") {
  patchbay::base::SeededRandom random(3);
  Tree tree;
  std::map<std::string, int> model;
  for (int round = 0; round < 400; ++round) {
    for (int change = 0; change < 10; ++change) {
      const std::string topic = random_topic(random);
      if (random.below(3) == 0) {
        CHECK(tree.take(topic).has_value() == (model.erase(topic) == 1));
      } else {
        tree.put({topic, round});
        model[topic] = round;
      }
    }
    REQUIRE(tree.size() == model.size());
    for (int look = 0; look < 10; ++look) {
      const std::string filter = random_filter(random);
      std::vector<std::string> expected;
      for (const auto& [topic, value] : model) {
        if (matches(filter, topic)) expected.push_back(topic);
      }
      std::sort(expected.begin(), expected.end(),
                [](const auto& left, const auto& right) { return compare_topics(left, right) < 0; });
      INFO(filter);
      REQUIRE(find_all(tree, filter, 1 + random.below(50)) == expected);
    }
  }
}

TEST_CASE("a look-up that skips does not look at the topics in between") {
  Tree tree;
  for (int device = 0; device < 200; ++device) {
    for (int sensor = 0; sensor < 50; ++sensor) {
      tree.put({"d" + std::to_string(device) + "/s" + std::to_string(sensor), 0});
    }
  }
  size_t pages = 0;
  CHECK(find_all(tree, "+/s7", 1000, &pages).size() == 200);
  CHECK(pages == 1);  // about three steps for each device, out of 10,000 topics
  CHECK(find_all(tree, "d5/+", 60, &pages).size() == 50);
  CHECK(pages == 1);
  CHECK(find_all(tree, "d5/s5", 5, &pages).size() == 1);
  CHECK(pages == 1);
  CHECK(find_all(tree, "nowhere/#", 5, &pages).empty());
  CHECK(pages == 1);
  CHECK(find_all(tree, "#", 1000, &pages).size() == 10000);
  CHECK(pages == 10);
}

TEST_CASE("a look-up goes on although the tree changes between pages") {
  Tree tree;
  for (int i = 10; i < 90; ++i) tree.put({"t/" + std::to_string(i), 0});
  std::vector<std::string> found;
  std::string resume_at;
  for (;;) {
    size_t in_page = 0;
    const auto next = tree.find_matching("t/+", resume_at, 1000, [&](const Item& item) {
      if (in_page++ == 10) return false;
      found.push_back(item.topic);
      return true;
    });
    if (!next) break;
    resume_at = *next;
    tree.take(resume_at);   // the very topic where it would go on
    tree.put({"t/00", 0});  // behind: not seen any more
    tree.put({"t/99", 0});  // ahead: seen
  }
  CHECK(found.front() == "t/10");
  CHECK(found.back() == "t/99");
  CHECK(std::find(found.begin(), found.end(), "t/00") == found.end());
  CHECK(std::is_sorted(found.begin(), found.end()));
  CHECK(std::adjacent_find(found.begin(), found.end()) == found.end());
  CHECK(found.size() > 60);
}

TEST_CASE("a visitor that says no sees the same topic first the next time") {
  Tree tree;
  for (const char* topic : {"a", "b", "c"}) tree.put({topic, 0});
  int visits = 0;
  const auto next = tree.find_matching("#", "", 100, [&](const Item&) { return ++visits < 2; });
  REQUIRE(next);
  CHECK(*next == "b");
}

TEST_CASE("a sweep removes what is unwanted in bounded steps") {
  Tree tree;
  for (int i = 0; i < 100; ++i) tree.put({"t" + std::to_string(i), i});
  const auto is_odd = [](const Item& item) { return item.value % 2 == 1; };
  std::string resume_at;
  int sweeps = 0;
  for (;;) {
    ++sweeps;
    const auto next = tree.sweep(resume_at, 30, is_odd);
    if (!next) break;
    resume_at = *next;
  }
  CHECK(sweeps == 4);
  CHECK(tree.size() == 50);
  CHECK(tree.find("t3") == nullptr);
  CHECK(tree.find("t4") != nullptr);
}

#include "router/subscription_index.h"
#include "router/group_tags.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "base/random.h"
#include "router/shared_group.h"
#include "topic/topic_filter.h"
#include "unit/router/router_fixture.h"

using namespace patchbay;
using namespace patchbay::router;
using namespace patchbay::router::testing;
using mqtt::ReasonCode;

namespace {

struct Bench {
  explicit Bench(RouterLimits with = {}) : limits(std::move(with)), index(limits, epoch, 2, 5) {}

  std::vector<distribution::Delivery> find(std::string_view topic) {
    std::vector<distribution::Delivery> found;
    epoch.enter(0);
    index.find(topic, matches);
    matches.for_each([&](const distribution::Delivery& delivery) { found.push_back(delivery); });
    epoch.leave(0);
    return found;
  }
  std::vector<uint32_t> slots(std::string_view topic) {
    std::vector<uint32_t> result;
    for (const auto& delivery : find(topic)) result.push_back(delivery.subscriber.slot());
    std::sort(result.begin(), result.end());
    return result;
  }
  SubscriptionIndex::AddResult add(std::string_view filter, uint32_t slot, uint8_t qos = 0, uint32_t identifier = 0) {
    return index.add(filter, handle(slot), options_of(qos), identifier);
  }

  RouterLimits limits;
  base::EpochDomain epoch;
  SubscriptionIndex index;
  Matches matches;
};

using Slots = std::vector<uint32_t>;

}  // namespace

TEST_CASE("a subscriber is found by an exact filter and by wildcards") {
  Bench bench;
  CHECK(bench.add("a/b", 1).reason == ReasonCode::success);
  CHECK(bench.add("a/+", 2).reason == ReasonCode::success);
  CHECK(bench.add("a/#", 3).reason == ReasonCode::success);
  CHECK(bench.add("#", 4).reason == ReasonCode::success);
  CHECK(bench.slots("a/b") == Slots{1, 2, 3, 4});
  CHECK(bench.slots("a") == Slots{3, 4});
  CHECK(bench.slots("a/b/c") == Slots{3, 4});
  CHECK(bench.slots("b") == Slots{4});
  CHECK(bench.slots("$SYS/a") == Slots{});
  CHECK(bench.index.filter_count() == 4);
  CHECK(bench.index.subscription_count() == 4);
}

TEST_CASE("wildcards at the front do not reach dollar topics, literal ones do [MQTT-4.7.2-1]") {
  Bench bench;
  (void)bench.add("#", 1);
  (void)bench.add("+/x", 2);
  (void)bench.add("$SYS/#", 3);
  (void)bench.add("$SYS/+", 4);
  (void)bench.add("$SYS/x", 5);
  CHECK(bench.slots("$SYS/x") == Slots{3, 4, 5});
  CHECK(bench.slots("$SYS") == Slots{3});
  CHECK(bench.slots("a/x") == Slots{1, 2});
}

TEST_CASE("the same filter again replaces the subscription [MQTT-3.8.4-3]") {
  Bench bench;
  for (const char* filter : {"a/b", "a/+", "$share/g/a"}) {
    CHECK_FALSE(bench.add(filter, 1, 0, 7).replaced);
    CHECK(bench.add(filter, 1, 2, 9).replaced);
  }
  CHECK(bench.index.subscription_count() == 3);
  REQUIRE(bench.index.remove("a/+", handle(1)));
  const auto found = bench.find("a/b");
  REQUIRE(found.size() == 1);
  CHECK(found[0].options.maximum_qos == 2);
  CHECK(found[0].subscription_identifier == 9);
}

TEST_CASE("removing says whether there was something to remove, and leaves nothing behind") {
  Bench bench;
  for (const char* filter : {"a/b", "a/+/c", "a/#", "#", "+", "$share/g/a/b", "$queue/+/x"}) {
    INFO(filter);
    CHECK_FALSE(bench.index.remove(filter, handle(1)));
    (void)bench.add(filter, 1);
    CHECK_FALSE(bench.index.remove(filter, handle(2)));
    CHECK(bench.index.remove(filter, handle(1)));
    CHECK_FALSE(bench.index.remove(filter, handle(1)));
    CHECK(bench.index.filter_count() == 0);
    CHECK(bench.index.subscription_count() == 0);
    CHECK(bench.index.group_count() == 0);
  }
  CHECK_FALSE(bench.index.remove("a/b#", handle(1)));
  CHECK(bench.epoch.reclaim() == 0);
}

TEST_CASE("a malformed filter is refused [MQTT-4.7.1-1]") {
  Bench bench;
  for (const char* filter : {"", "a/#/b", "a+", "$share/g", "$share//a"}) {
    CHECK(bench.add(filter, 1).reason == ReasonCode::topic_filter_invalid);
  }
  CHECK(bench.index.filter_count() == 0);
}

TEST_CASE("overlapping subscriptions make one delivery with the greatest QoS [MQTT-3.3.4-2]") {
  Bench bench;
  (void)bench.add("a/b", 1, 1);
  (void)bench.add("a/+", 1, 2);
  (void)bench.add("#", 1, 0);
  (void)bench.add("#", 2, 0);
  const auto found = bench.find("a/b");
  REQUIRE(found.size() == 2);
  for (const auto& delivery : found) {
    CHECK(delivery.continuation == 0);
    CHECK(delivery.options.maximum_qos == (delivery.subscriber.slot() == 1 ? 2 : 0));
  }
}

TEST_CASE("overlapping subscriptions give all their identifiers [MQTT-3.3.4-4]") {
  Bench bench;
  (void)bench.add("a/b", 1, 0, 11);
  (void)bench.add("a/+", 1, 1, 0);
  (void)bench.add("a/#", 1, 2, 13);
  (void)bench.add("#", 1, 1, 14);
  for (uint32_t slot = 10; slot < 20; ++slot) (void)bench.add("#", slot, 1, slot);
  const auto found = bench.find("a/b");
  REQUIRE(found.size() == 13);
  std::multiset<uint32_t> identifiers;
  for (size_t i = 0; i < found.size(); ++i) {
    if (found[i].subscriber.slot() != 1) {
      CHECK(found[i].continuation == 0);
      CHECK(found[i].subscription_identifier == found[i].subscriber.slot());
      continue;
    }
    identifiers.insert(found[i].subscription_identifier);
    CHECK(found[i].options.maximum_qos == 2);
    if (found[i].continuation == 1) CHECK(found[i - 1].subscriber == found[i].subscriber);
  }
  CHECK(identifiers == std::multiset<uint32_t>{11, 13, 14});
}

TEST_CASE("a merged delivery is no-local only if all are, and retains as published if any does") {
  Bench bench;
  const auto add = [&](const char* filter, bool no_local, bool as_published) {
    (void)bench.index.add(filter, handle(1), options_of(0, no_local, as_published), 0);
  };
  add("a", true, false);
  add("+", true, false);
  CHECK(bench.find("a").at(0).options.no_local == 1);
  CHECK(bench.find("a").at(0).options.retain_as_published == 0);
  add("#", false, true);
  REQUIRE(bench.find("a").size() == 1);
  CHECK(bench.find("a").at(0).options.no_local == 0);
  CHECK(bench.find("a").at(0).options.retain_as_published == 1);
}

TEST_CASE("identifiers and options survive their packing") {
  Bench bench;
  distribution::SubscriptionOptions options = options_of(2, true, true);
  options.retain_handling = 2;
  (void)bench.index.add("a", distribution::SubscriberHandle(255, 0xFFFFFF, UINT32_MAX), options, 268'435'455);
  const auto found = bench.find("a");
  REQUIRE(found.size() == 1);
  CHECK(found[0].subscriber == distribution::SubscriberHandle(255, 0xFFFFFF, UINT32_MAX));
  CHECK(found[0].options == options);
  CHECK(found[0].subscription_identifier == 268'435'455);
}

TEST_CASE("an exclusive filter has one subscriber on the node") {
  RouterLimits limits;
  limits.exclusive_subscription_available = true;
  Bench bench(limits);
  CHECK(bench.add("$exclusive/a/b", 1, 1).reason == ReasonCode::success);
  CHECK(bench.add("$exclusive/a/b", 2).reason == ReasonCode::quota_exceeded);
  CHECK(bench.add("$exclusive/a/b", 1, 2).replaced);
  CHECK(bench.add("a/b", 2).reason == ReasonCode::success);
  CHECK(bench.add("$exclusive/a/+", 2).reason == ReasonCode::success);
  CHECK(bench.slots("a/b") == Slots{1, 2});
  CHECK_FALSE(bench.index.remove("$exclusive/a/b", handle(2)));
  CHECK(bench.index.remove("$exclusive/a/b", handle(1)));
  CHECK(bench.add("$exclusive/a/b", 2).reason == ReasonCode::success);
  CHECK(bench.slots("a/b") == Slots{2});

  bench.index.set_exclusive_available(false);
  CHECK(bench.add("$exclusive/c", 1).reason == ReasonCode::topic_filter_invalid);
  CHECK(bench.index.remove("$exclusive/a/b", handle(2)));
  CHECK(bench.index.remove("$exclusive/a/+", handle(2)));
  CHECK(bench.index.remove("a/b", handle(2)));
  CHECK(bench.index.filter_count() == 0);
}

TEST_CASE("a plain and an exclusive subscription of one client to one filter are two") {
  RouterLimits limits;
  limits.exclusive_subscription_available = true;
  Bench bench(limits);
  (void)bench.add("a", 1, 0, 1);
  (void)bench.add("$exclusive/a", 1, 1, 2);
  CHECK(bench.find("a").size() == 2);  // one delivery and a continuation
  CHECK(bench.index.remove("$exclusive/a", handle(1)));
  CHECK(bench.find("a").size() == 1);
}

TEST_CASE("shared groups are apart from plain subscribers and from each other") {
  Bench bench;
  (void)bench.add("a/b", 1);
  (void)bench.add("$share/g/a/b", 2);
  (void)bench.add("$share/h/a/b", 3);
  (void)bench.add("$share/g/a/+", 4);
  (void)bench.add("$queue/a/b", 5);
  CHECK(bench.slots("a/b") == Slots{1});
  CHECK(bench.matches.groups().size() == 4);
  CHECK(bench.index.group_count() == 4);
  CHECK(bench.index.find_group("$share/g/a/b")->members().size == 1);
  CHECK(bench.index.find_group("$share/g/a/b") != bench.index.find_group("$share/g/a/+"));
  CHECK(bench.index.find_group("$share/x/a/b") == nullptr);
  CHECK(bench.index.find_group("a/b") == nullptr);
  CHECK(bench.index.remove("$share/g/a/b", handle(2)));
  CHECK(bench.index.find_group("$share/g/a/b") == nullptr);
  CHECK(bench.index.group_count() == 3);
}

TEST_CASE("groups beyond the limit are refused, members are not") {
  RouterLimits limits;
  limits.maximum_shared_groups = 2;
  Bench bench(limits);
  CHECK(bench.add("$share/g/a", 1).reason == ReasonCode::success);
  CHECK(bench.add("$share/h/a", 1).reason == ReasonCode::success);
  CHECK(bench.add("$share/i/a", 1).reason == ReasonCode::quota_exceeded);
  CHECK(bench.add("$share/g/b", 1).reason == ReasonCode::quota_exceeded);
  CHECK(bench.add("$share/g/a", 2).reason == ReasonCode::success);
  CHECK(bench.index.filter_count() == 1);
  CHECK(bench.index.remove("$share/h/a", handle(1)));
  CHECK(bench.add("$share/g/b", 1).reason == ReasonCode::success);
}

TEST_CASE("two groups never have one tag, however many came and went between them") {
  Bench bench;
  const auto tag = [&bench](std::string_view filter) { return bench.index.find_group(filter)->tag(); };
  CHECK(bench.add("$share/first/t", 1).reason == ReasonCode::success);
  std::vector<uint16_t> between;
  for (int i = 0; i < 65'534; ++i) {
    REQUIRE(bench.add("$share/passing/t", 2).reason == ReasonCode::success);
    if (i < 3) between.push_back(tag("$share/passing/t"));
    REQUIRE(bench.index.remove("$share/passing/t", handle(2)));
  }
  CHECK(between == std::vector<uint16_t>{2, 3, 4});  // a free one is not given again while others are free
  CHECK(bench.add("$share/second/t", 3).reason == ReasonCode::success);
  CHECK(tag("$share/first/t") == 1);
  CHECK(tag("$share/second/t") == 2);  // 1 would have been next
}

TEST_CASE("tags: all may be in use at once, and a free one is found among them") {
  GroupTags tags;
  for (size_t i = 1; i <= GroupTags::kMaximum; ++i) REQUIRE(tags.take() == i);
  CHECK(tags.used() == GroupTags::kMaximum);
  tags.give_back(40'000);
  tags.give_back(7);
  CHECK(tags.take() == 7);
  CHECK(tags.take() == 40'000);
}

TEST_CASE("strategies follow the configuration, also while groups exist") {
  RouterLimits limits;
  limits.shared_strategy = SharedStrategy::random;
  limits.shared_group_strategies = {{"h", SharedStrategy::sticky}, {"$queue", SharedStrategy::local}};
  Bench bench(limits);
  for (const char* filter : {"$share/g/a", "$share/h/a", "$queue/a"}) (void)bench.add(filter, 1);
  CHECK(bench.index.find_group("$share/g/a")->strategy() == SharedStrategy::random);
  CHECK(bench.index.find_group("$share/h/a")->strategy() == SharedStrategy::sticky);
  CHECK(bench.index.find_group("$queue/a")->strategy() == SharedStrategy::local);
  bench.index.set_shared_strategies(SharedStrategy::hash_topic, {{"g", SharedStrategy::round_robin}});
  CHECK(bench.index.find_group("$share/g/a")->strategy() == SharedStrategy::round_robin);
  CHECK(bench.index.find_group("$share/h/a")->strategy() == SharedStrategy::hash_topic);
  CHECK(bench.index.find_group("$queue/a")->strategy() == SharedStrategy::hash_topic);
}

TEST_CASE("a filter with very many subscribers keeps every one of them, and lets every one go") {
  Bench bench;
  constexpr uint32_t kMany = 100'000;
  for (uint32_t slot = 0; slot < kMany; ++slot) REQUIRE_FALSE(bench.add("a", slot, 0, slot).replaced);
  CHECK(bench.find("a").size() == kMany);
  for (uint32_t slot = 0; slot < kMany; slot += 7) REQUIRE(bench.add("a", slot, 1, slot).replaced);
  for (uint32_t slot = 0; slot < kMany; slot += 2) REQUIRE(bench.index.remove("a", handle(slot)));
  const auto half = bench.find("a");
  CHECK(half.size() == kMany / 2);
  CHECK(
      std::all_of(half.begin(), half.end(), [](const auto& delivery) { return delivery.subscriber.slot() % 2 == 1; }));
  for (uint32_t slot = 0; slot < kMany; slot += 2) REQUIRE_FALSE(bench.add("a", slot).replaced);
  CHECK(bench.find("a").size() == kMany);
  for (uint32_t slot = 0; slot < kMany; ++slot) REQUIRE(bench.index.remove("a", handle(slot)));
  CHECK(bench.find("a").empty());
  CHECK(bench.index.filter_count() == 0);
}

namespace {

std::string random_filter(base::Random& random) {
  static const char* const kLevels[] = {"a", "b", "c", "", "$d", "+", "+", "#"};
  std::string filter;
  for (uint64_t i = 0, count = 1 + random.below(4); i < count; ++i) {
    if (i != 0) filter += '/';
    const char* const level = kLevels[random.below(8)];
    filter += level;
    if (*level == '#') break;
  }
  return filter.empty() ? "/" : filter;
}

std::string random_topic(base::Random& random) {
  static const char* const kLevels[] = {"a", "b", "c", "", "$d", "e"};
  std::string topic = kLevels[random.below(6)];
  for (uint64_t more = random.below(4); more > 0; --more) topic.append("/").append(kLevels[random.below(6)]);
  return topic.empty() ? "/" : topic;
}

/// The index's contract in the plainest words.
class Model {
 public:
  bool add(const std::string& filter, uint32_t slot, uint8_t qos, uint32_t identifier) {
    return !subscriptions_.insert_or_assign({filter, slot}, std::pair(qos, identifier)).second;
  }
  bool remove(const std::string& filter, uint32_t slot) { return subscriptions_.erase({filter, slot}) == 1; }
  /// By subscriber: greatest QoS and the identifiers.
  std::map<uint32_t, std::pair<uint8_t, std::multiset<uint32_t>>> find(const std::string& topic) const {
    std::map<uint32_t, std::pair<uint8_t, std::multiset<uint32_t>>> result;
    for (const auto& [key, value] : subscriptions_) {
      if (!topic::matches(key.first, topic)) continue;
      auto& [qos, identifiers] = result[key.second];
      qos = std::max(qos, value.first);
      if (value.second != 0) identifiers.insert(value.second);
    }
    return result;
  }
  size_t size() const { return subscriptions_.size(); }

 private:
  std::map<std::pair<std::string, uint32_t>, std::pair<uint8_t, uint32_t>> subscriptions_;
};

void compare(Bench& bench, const Model& model, const std::string& topic) {
  std::map<uint32_t, std::pair<uint8_t, std::multiset<uint32_t>>> found;
  distribution::SubscriberHandle last;
  for (const auto& delivery : bench.find(topic)) {
    const uint32_t slot = delivery.subscriber.slot();
    REQUIRE(found.count(slot) == delivery.continuation);
    if (delivery.continuation == 1) REQUIRE(delivery.subscriber == last);
    last = delivery.subscriber;
    found[slot].first = delivery.options.maximum_qos;
    if (delivery.subscription_identifier != 0) found[slot].second.insert(delivery.subscription_identifier);
  }
  REQUIRE(found == model.find(topic));
}

}  // namespace

TEST_CASE(
    "the index finds what the standard's words find, through thousands of changes [MQTT-4.7.1-2] [MQTT-4.7.2-1]") {
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    base::SeededRandom random(seed);
    Bench bench;
    Model model;
    for (int step = 0; step < 4000; ++step) {
      const std::string filter = random_filter(random);
      const auto slot = static_cast<uint32_t>(random.below(40));
      if (random.below(5) < 3) {
        const auto qos = static_cast<uint8_t>(random.below(3));
        const auto identifier = static_cast<uint32_t>(random.below(4));
        REQUIRE(bench.add(filter, slot, qos, identifier).replaced == model.add(filter, slot, qos, identifier));
      } else {
        REQUIRE(bench.index.remove(filter, handle(slot)) == model.remove(filter, slot));
      }
      REQUIRE(bench.index.subscription_count() == model.size());
      if (step % 4 == 0) compare(bench, model, random_topic(random));
    }
    CHECK(model.size() > 300);
  }
}

TEST_CASE("the hash table grows and shrinks its content without losing a filter") {
  Bench bench;
  const auto filter_of = [](uint32_t i) {
    return "factory/line" + std::to_string(i % 97) + "/cell" + std::to_string(i);
  };
  constexpr uint32_t kFilters = 20'000;
  for (uint32_t i = 0; i < kFilters; ++i) REQUIRE(bench.add(filter_of(i), i).reason == ReasonCode::success);
  CHECK(bench.index.filter_count() == kFilters);
  for (uint32_t i = 0; i < kFilters; ++i) REQUIRE(bench.slots(filter_of(i)) == Slots{i});
  for (uint32_t i = 0; i < kFilters; i += 3) REQUIRE(bench.index.remove(filter_of(i), handle(i)));
  for (uint32_t i = 0; i < kFilters; ++i) REQUIRE(bench.slots(filter_of(i)).size() == (i % 3 == 0 ? 0 : 1));
}

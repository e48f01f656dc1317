#include "router/known_route.h"

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/random.h"
#include "router/memory_retained_store.h"
#include "router/publish_router.h"
#include "unit/router/router_fixture.h"

using namespace patchbay;
using namespace patchbay::router;
using namespace patchbay::router::testing;

namespace {

/// A router on one shard, and a publisher who remembers where its last message went.
struct Publisher {
  Publisher()
      : limits(with_exclusive()),
        node(1),
        directory(1),
        index(limits, node.epoch, 1, 3),
        store(limits, node.shard(0).services, node.shard(0).fan_out, directory),
        router(limits, node.shard(0).services, index, node.presence, store, node.shard(0).fan_out) {}

  static RouterLimits with_exclusive() {
    RouterLimits limits;
    limits.exclusive_subscription_available = true;
    return limits;
  }
  void subscribe(std::string_view filter, uint32_t slot, uint8_t qos = 0, uint32_t identifier = 0) {
    REQUIRE(index.add(filter, handle(slot), options_of(qos), identifier).reason == mqtt::ReasonCode::success);
    node.presence.set(handle(slot), true);
  }
  /// Who gets a message, as "slot/qos/identifier", in order; continuations have a "+".
  std::vector<std::string> receivers(std::string_view topic, KnownRoute* route_known) {
    auto& received = node.shard(0).subscribers.received;
    received.clear();
    node.epoch.enter(0);
    router.route(make_message(topic, "x", node.shard(0).services), true, route_known);
    node.epoch.leave(0);
    std::vector<std::string> all;
    for (const auto& [message, delivery] : received) {
      all.push_back(std::to_string(delivery.subscriber.slot()) + "/" + std::to_string(delivery.options.maximum_qos) +
                    "/" + std::to_string(delivery.subscription_identifier) + (delivery.continuation == 1 ? "+" : ""));
    }
    return all;
  }
  std::vector<std::string> receivers(std::string_view topic) { return receivers(topic, &known); }
  /// Whether the next message to `topic` needs no look-up.
  [[nodiscard]] bool knows(std::string_view topic) const { return known.is_for(topic, index.generation()); }

  using Names = std::vector<std::string>;

  RouterLimits limits;
  TestNode node;
  RetainedDirectory directory;
  SubscriptionIndex index;
  MemoryRetainedStore store;
  PublishRouter router;
  KnownRoute known;
};

using Names = Publisher::Names;

}  // namespace

TEST_CASE("known route: the next message to the same topic goes the same way, without a look-up") {
  Publisher publisher;
  publisher.subscribe("a/b", 1, 1);
  publisher.subscribe("a/+", 2, 2);
  CHECK_FALSE(publisher.knows("a/b"));
  const Names first = publisher.receivers("a/b");
  CHECK(first.size() == 2);
  CHECK(publisher.knows("a/b"));
  CHECK_FALSE(publisher.knows("a/c"));
  CHECK_FALSE(publisher.knows("a/"));
  CHECK_FALSE(publisher.knows("a/bb"));
  for (int i = 0; i < 3; ++i) CHECK(publisher.receivers("a/b") == first);
  CHECK(publisher.receivers("a/c") == Names{"2/2/0"});
  CHECK(publisher.knows("a/c"));
  CHECK_FALSE(publisher.knows("a/b"));
  CHECK(publisher.receivers("a/b") == first);
}

TEST_CASE("known route: every change of subscriptions is seen by the next message") {
  Publisher publisher;
  CHECK(publisher.receivers("t").empty());
  CHECK(publisher.knows("t"));  // also that there is nobody
  publisher.subscribe("t", 1);
  CHECK_FALSE(publisher.knows("t"));
  CHECK(publisher.receivers("t") == Names{"1/0/0"});
  publisher.subscribe("t", 1, 2, 7);  // other options [MQTT-3.8.4-3]
  CHECK(publisher.receivers("t") == Names{"1/2/7"});
  publisher.subscribe("#", 2);
  CHECK(publisher.receivers("t").size() == 2);
  CHECK(publisher.index.remove("t", handle(1)));
  CHECK(publisher.receivers("t") == Names{"2/0/0"});
  publisher.subscribe("$exclusive/t", 3);
  CHECK(publisher.receivers("t").size() == 2);
  CHECK(publisher.index.remove("$exclusive/t", handle(3)));
  CHECK(publisher.index.remove("#", handle(2)));
  CHECK(publisher.receivers("t").empty());
}

TEST_CASE("known route: overlapping subscriptions keep their identifiers [MQTT-3.3.4-4]") {
  Publisher publisher;
  publisher.subscribe("a/b", 1, 1, 11);
  publisher.subscribe("a/#", 1, 0, 12);
  const Names looked_up = publisher.receivers("a/b", nullptr);
  REQUIRE(looked_up.size() == 2);
  CHECK(publisher.receivers("a/b") == looked_up);
  CHECK(publisher.knows("a/b"));
  CHECK(publisher.receivers("a/b") == looked_up);
}

TEST_CASE("known route: members of shared groups take turns [MQTT-4.8.2-4]") {
  Publisher publisher;
  for (uint32_t slot = 1; slot <= 3; ++slot) publisher.subscribe("$share/g/t", slot);
  std::vector<int> count(4, 0);
  for (int i = 0; i < 30; ++i) {
    const Names one = publisher.receivers("t");
    REQUIRE(one.size() == 1);
    ++count[static_cast<size_t>(one[0][0] - '0')];
    CHECK_FALSE(publisher.knows("t"));
  }
  CHECK(count == std::vector<int>{0, 10, 10, 10});
}

TEST_CASE("known route: what does not fit is looked up each time") {
  Publisher publisher;
  const std::string fits(KnownRoute::kMaximumTopicSize, 'x');
  publisher.subscribe("+", 1);
  CHECK(publisher.receivers(fits).size() == 1);
  CHECK(publisher.knows(fits));
  CHECK(publisher.receivers(fits + "y").size() == 1);
  CHECK_FALSE(publisher.knows(fits + "y"));
  for (uint32_t slot = 2; slot <= KnownRoute::kMaximumDeliveries; ++slot) publisher.subscribe("+", slot);
  CHECK(publisher.receivers("t").size() == KnownRoute::kMaximumDeliveries);
  CHECK(publisher.knows("t"));
  publisher.subscribe("+", 9);
  for (int i = 0; i < 2; ++i) CHECK(publisher.receivers("t").size() == KnownRoute::kMaximumDeliveries + 1);
  CHECK_FALSE(publisher.knows("t"));
}

TEST_CASE("known route: the same receivers as by look-up, whatever changes in between") {
  Publisher publisher;
  base::SeededRandom random(5);
  const std::vector<std::string> filters{"a/b", "a/+", "#", "a/c", "+/b", "$share/g/a/b", "$exclusive/a/c"};
  const std::vector<std::string> topics{"a/b", "a/c", "b"};
  size_t known_ones = 0;
  for (int step = 0; step < 10'000; ++step) {
    const std::string& filter = filters[random.below(filters.size())];
    const auto slot = static_cast<uint32_t>(random.below(3));
    const uint64_t what = random.below(10);
    if (what == 0) {
      const auto added = publisher.index.add(filter, handle(slot), options_of(static_cast<uint8_t>(random.below(3))),
                                             static_cast<uint32_t>(random.below(3)));
      if (added.reason == mqtt::ReasonCode::success) publisher.node.presence.set(handle(slot), true);
    } else if (what == 1) {
      publisher.index.remove(filter, handle(slot));
    }
    const std::string& topic = topics[random.below(3) == 0 ? random.below(topics.size()) : 0];
    known_ones += publisher.knows(topic) ? 1 : 0;
    Names by_route = publisher.receivers(topic);
    if (publisher.knows(topic)) {  // no group, whose choice may differ
      REQUIRE(by_route == publisher.receivers(topic, nullptr));
    } else {
      REQUIRE(by_route.size() == publisher.receivers(topic, nullptr).size());
    }
  }
  CHECK(known_ones > 300);
}

TEST_CASE("known route: a message passes on it to its only receiver, and nobody else's") {
  Publisher publisher;
  auto& subscribers = publisher.node.shard(0).subscribers;
  subscribers.takes_passing = true;
  const std::vector<uint8_t> payload = {'p'};
  const auto passes = [&](std::string_view topic) {
    publisher.node.epoch.enter(0);
    const bool passed = publisher.router.pass({topic, payload, {}, false}, publisher.known);
    publisher.node.epoch.leave(0);
    return passed;
  };
  publisher.subscribe("t", 1);
  CHECK_FALSE(passes("t"));  // nothing is known
  CHECK_FALSE(passes(""));
  CHECK(publisher.receivers("t") == Names{"1/0/0"});
  CHECK(passes("t"));
  CHECK_FALSE(passes("u"));
  CHECK_FALSE(passes("t/"));
  CHECK_FALSE(passes(""));
  CHECK(subscribers.passed == Names{"t/1/p"});
  CHECK(subscribers.received.size() == 1);
  publisher.subscribe("u", 2);  // any change makes the next one be looked up
  CHECK_FALSE(passes("t"));
  CHECK(publisher.receivers("t") == Names{"1/0/0"});
  CHECK(passes("t"));
  subscribers.takes_passing = false;
  CHECK_FALSE(passes("t"));
  subscribers.takes_passing = true;
  publisher.subscribe("#", 3);
  CHECK(publisher.receivers("t").size() == 2);
  CHECK_FALSE(passes("t"));  // two receivers
  CHECK(publisher.receivers("nobody/there") == Names{"3/0/0"});
  CHECK(publisher.index.remove("#", handle(3)));
  CHECK(publisher.receivers("nobody/there").empty());
  CHECK_FALSE(passes("nobody/there"));
  CHECK(publisher.node.shard(0).counted(base::Counter::messages_dropped_no_subscribers) == 1);
  CHECK(subscribers.passed == Names{"t/1/p", "t/1/p"});
}

TEST_CASE("known route: once a subscription is made, on whatever thread, every message reaches it") {
  Publisher publisher;
  std::atomic<uint32_t> made{0};
  std::atomic<bool> over{false};
  constexpr uint32_t kSubscriptions = 2'000;
  std::thread subscriber([&] {
    for (uint32_t slot = 1; slot <= kSubscriptions; ++slot) {
      static_cast<void>(publisher.index.add("t", handle(slot), options_of(0), 0));
      made.store(slot);
      if (slot > 1) publisher.index.remove("t", handle(slot - 1));  // so that what is found fits into a known route
    }
    over.store(true);
  });
  uint32_t missed = 0;
  uint32_t rounds = 0;
  while (!over.load() || rounds == 0) {
    const uint32_t before = made.load();
    const Names names = publisher.receivers("t");
    // The one that was there before, or one that came while the message was on its way.
    const bool found = before == 0 || std::any_of(names.begin(), names.end(), [before](const std::string& name) {
                         return std::stoul(name) >= before;
                       });
    if (!found) ++missed;
    ++rounds;
  }
  subscriber.join();
  CHECK(missed == 0);
  CHECK(publisher.receivers("t") == Names{std::to_string(kSubscriptions) + "/0/0"});
}

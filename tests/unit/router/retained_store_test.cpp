#include "router/retained_store.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "router/memory_retained_store.h"
#include "topic/topic_filter.h"
#include "unit/router/router_fixture.h"

using namespace patchbay;
using namespace patchbay::router;
using namespace patchbay::router::testing;
using base::Counter;

namespace {

struct Bench {
  explicit Bench(base::ShardId shard_count, RouterLimits with = {})
      : limits(std::move(with)), node(shard_count), directory(shard_count) {
    for (const auto& shard : node.shards) {
      stores.push_back(std::make_unique<MemoryRetainedStore>(limits, shard->services, shard->fan_out, directory));
    }
  }

  void set(std::string_view topic, std::string_view payload, const MessageOptions& options = {},
           base::ShardId from = 0) {
    stores[from]->set(make_message(topic, payload, node.shard(from).services, options));
    node.settle();
  }
  /// Everything that matches, topic to payload, as seen by one shard.
  std::map<std::string, std::string> find(std::string_view filter, base::ShardId by = 0, size_t page_size = 10) {
    std::map<std::string, std::string> found;
    RetainedCursor cursor = stores[by]->begin(filter);
    for (pages = 0; !cursor.done; ++pages) {
      bool answered = false;
      stores[by]->request_page(filter, cursor, page_size, [&](RetainedPage&& page) {
        CHECK(base::current_shard() == by);
        CHECK(page.messages.size() <= page_size);
        for (const auto& message : page.messages) {
          const bool is_new = found.emplace(message->topic(), payload_of(*message)).second;
          CHECK(is_new);
        }
        cursor = page.next;
        answered = true;
      });
      CHECK_FALSE(answered);
      node.settle();
      REQUIRE(answered);
    }
    return found;
  }
  [[nodiscard]] uint64_t counted(Counter counter) const {
    uint64_t sum = 0;
    for (const auto& shard : node.shards) sum += shard->counted(counter);
    return sum;
  }

  RouterLimits limits;
  TestNode node;
  RetainedDirectory directory;
  std::vector<std::unique_ptr<MemoryRetainedStore>> stores;
  size_t pages = 0;
};

using Found = std::map<std::string, std::string>;

}  // namespace

TEST_CASE("the last message of a topic is kept, on whatever shard it came in [MQTT-3.3.1-5]") {
  Bench bench(3);
  bench.set("a/b", "1", {}, 0);
  bench.set("a/b", "2", {}, 1);
  bench.set("a/c", "3", {}, 2);
  for (base::ShardId by = 0; by < 3; ++by) {
    CHECK(bench.find("a/b", by) == Found{{"a/b", "2"}});
    CHECK(bench.find("a/+", by) == Found{{"a/b", "2"}, {"a/c", "3"}});
    CHECK(bench.find("b/#", by).empty());
  }
  CHECK(bench.stores[0]->message_count() == 2);
  CHECK(bench.counted(Counter::retained) == 2);
  CHECK(bench.counted(Counter::messages_retained_set) == 3);
}

TEST_CASE("a message that is still on its way to its owner is found: its publisher may have been answered") {
  Bench bench(3);
  for (base::ShardId from = 0; from < 3; ++from) {
    const std::string topic = "first/" + std::to_string(from);
    bench.stores[from]->set(make_message(topic, "kept", bench.node.shard(from).services));
    CHECK_FALSE(bench.stores[from]->begin(topic).done);
    CHECK(bench.find(topic, from) == Found{{topic, "kept"}});
    bench.set(topic, "");
    CHECK(bench.stores[from]->begin(topic).done);
  }
}

TEST_CASE("an empty payload removes the message [MQTT-3.3.1-6] and is not kept itself [MQTT-3.3.1-7]") {
  Bench bench(2);
  bench.set("a", "1");
  bench.set("b", "2");
  bench.set("a", "", {}, 1);
  bench.set("c", "");
  CHECK(bench.find("#") == Found{{"b", "2"}});
  bench.stores[1]->clear("b");
  bench.node.settle();
  CHECK(bench.find("#").empty());
  CHECK(bench.pages == 0);
  CHECK(bench.stores[0]->message_count() == 0);
  CHECK(bench.stores[0]->byte_count() == 0);
  CHECK(bench.counted(Counter::retained) == 0);
  CHECK(bench.counted(Counter::retained_bytes) == 0);
}

TEST_CASE("pages are bounded and together hold everything once") {
  Bench bench(3);
  Found expected;
  for (int i = 0; i < 200; ++i) {
    const std::string topic = "t/" + std::to_string(i);
    bench.set(topic, "x");
    expected[topic] = "x";
  }
  CHECK(bench.find("#", 1, 7) == expected);
  CHECK(bench.pages >= 200 / 7);
  CHECK(bench.find("t/+", 2, 1000) == expected);
  CHECK(bench.pages == 3);
  CHECK(bench.find("t/17", 0, 10) == Found{{"t/17", "x"}});
  CHECK(bench.pages == 1);
}

TEST_CASE("a page ends after a bounded number of steps, found or not") {
  RouterLimits limits;
  limits.maximum_retained_page_steps = 20;
  Bench bench(1, limits);
  for (int i = 100; i < 300; ++i) bench.set("t/" + std::to_string(i) + "/x", "x");
  bench.set("t/999/y", "y");
  CHECK(bench.find("t/+/y") == Found{{"t/999/y", "y"}});
  CHECK(bench.pages > 10);
  CHECK(bench.find("t/999/+") == Found{{"t/999/y", "y"}});
  CHECK(bench.pages == 1);
}

TEST_CASE("a look-up goes on while messages come and go") {
  Bench bench(2);
  for (int i = 100; i < 200; ++i) bench.set("t/" + std::to_string(i), "old");
  std::map<std::string, int> seen;
  RetainedCursor cursor = bench.stores[0]->begin("#");
  for (int change = 100; !cursor.done; ++change) {
    bench.stores[0]->request_page("#", cursor, 3, [&](RetainedPage&& page) {
      for (const auto& message : page.messages) ++seen[std::string(message->topic())];
      cursor = page.next;
    });
    bench.node.settle();
    bench.set("t/" + std::to_string(change), "", {}, 1);     // goes, seen or not
    bench.set("u/" + std::to_string(change), "new", {}, 0);  // comes, ahead within each partition
  }
  for (const auto& [topic, count] : seen) CHECK(count == 1);
  // What stayed all the time has been seen.
  for (int i = 160; i < 200; ++i) CHECK(seen.count("t/" + std::to_string(i)) == 1);
}

TEST_CASE("random sets and clears give what a plain map gives") {
  base::SeededRandom random(21);
  Bench bench(3);
  Found model;
  for (int step = 0; step < 1500; ++step) {
    static const char* const kLevels[] = {"a", "b", "c", "$x", ""};
    std::string topic = kLevels[random.below(4)];
    for (uint64_t more = random.below(3); more > 0; --more) topic.append("/").append(kLevels[random.below(5)]);
    const std::string payload = random.below(4) == 0 ? "" : std::to_string(step);
    bench.set(topic, payload, {}, static_cast<base::ShardId>(random.below(3)));
    if (payload.empty()) {
      model.erase(topic);
    } else {
      model[topic] = payload;
    }
    if (step % 10 != 0) continue;
    for (const char* filter : {"#", "a/#", "+/b", "$x/+", "a/+/c", "b"}) {
      Found expected;
      for (const auto& [name, value] : model) {
        if (topic::matches(filter, name)) expected[name] = value;
      }
      REQUIRE(bench.find(filter, static_cast<base::ShardId>(random.below(3)), 1 + random.below(20)) == expected);
    }
  }
}

TEST_CASE("the limit of messages refuses new topics, not new messages of old ones") {
  RouterLimits limits;
  limits.maximum_retained_messages = 3;
  Bench bench(2, limits);
  for (const char* topic : {"a", "b", "c", "d"}) bench.set(topic, "1");
  CHECK(bench.find("#") == Found{{"a", "1"}, {"b", "1"}, {"c", "1"}});
  CHECK(bench.counted(Counter::messages_dropped_retain_limit) == 1);
  bench.set("c", "2");
  CHECK(bench.find("c") == Found{{"c", "2"}});
  bench.set("a", "");
  bench.set("d", "2");
  CHECK(bench.find("d") == Found{{"d", "2"}});
  CHECK(bench.stores[0]->message_count() == 3);
}

TEST_CASE("the limits of bytes hold for all and for each") {
  RouterLimits limits;
  limits.maximum_retained_payload_bytes = 1000;
  limits.maximum_retained_bytes = 4000;
  Bench bench(2, limits);
  bench.set("big", std::string(1001, 'x'));
  CHECK(bench.find("big").empty());
  for (int i = 0; i < 6; ++i) bench.set("t" + std::to_string(i), std::string(1000, 'x'));
  CHECK(bench.find("#").size() == 3);
  CHECK(bench.stores[0]->byte_count() <= 4000);
  CHECK(bench.counted(Counter::retained_bytes) == bench.stores[0]->byte_count());
  CHECK(bench.counted(Counter::messages_dropped_retain_limit) == 4);
}

TEST_CASE("a message that has outlived its expiry interval is not found, and goes by itself [MQTT-3.3.2-5]") {
  Bench bench(2);
  MessageOptions short_lived;
  short_lived.expiry_s = 10;
  bench.set("a", "1", short_lived);
  bench.set("b", "2");
  bench.node.wait_s(9);
  CHECK(bench.find("#").size() == 2);
  bench.node.wait_s(3);
  CHECK(bench.find("#") == Found{{"b", "2"}});
  CHECK(bench.stores[0]->message_count() == 1);
}

TEST_CASE("an expired message is never sent, even before the sweep [MQTT-3.3.2-5]") {
  RouterLimits limits;
  limits.retained_sweep_interval_ms = 3'600'000;
  Bench bench(1, limits);
  MessageOptions short_lived;
  short_lived.expiry_s = 10;
  bench.set("a", "1", short_lived);
  bench.node.wait_s(10);
  CHECK(bench.stores[0]->message_count() == 1);
  CHECK(bench.find("#").empty());
  CHECK(bench.stores[0]->message_count() == 0);
}

TEST_CASE("the configured expiry holds for messages without their own") {
  RouterLimits limits;
  limits.retained_expiry_s = 5;
  Bench bench(1, limits);
  MessageOptions long_lived;
  long_lived.expiry_s = 100;
  bench.set("a", "1");
  bench.set("b", "2", long_lived);
  bench.node.wait_s(7);
  CHECK(bench.find("#") == Found{{"b", "2"}});
}

TEST_CASE("the sweep takes bounded steps and ends when nothing can expire") {
  RouterLimits limits;
  limits.maximum_retained_sweep_steps = 10;
  limits.retained_sweep_interval_ms = 1000;
  Bench bench(1, limits);
  MessageOptions short_lived;
  short_lived.expiry_s = 1;
  for (int i = 0; i < 100; ++i) bench.set("t" + std::to_string(i), "x", short_lived);
  bench.node.wait_s(3);
  CHECK(bench.stores[0]->message_count() >= 70);
  CHECK(bench.stores[0]->message_count() < 100);
  bench.node.wait_s(30);
  CHECK(bench.stores[0]->message_count() == 0);
  CHECK(bench.node.shard(0).timers.size() == 0);
}

TEST_CASE("a replaced message leaves the expiry of the old one behind") {
  Bench bench(1);
  MessageOptions short_lived;
  short_lived.expiry_s = 2;
  bench.set("a", "1", short_lived);
  bench.set("a", "2");
  bench.node.wait_s(10);
  CHECK(bench.find("a") == Found{{"a", "2"}});
}

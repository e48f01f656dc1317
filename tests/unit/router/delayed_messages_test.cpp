#include "router/delayed_messages.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "unit/router/router_fixture.h"

using namespace patchbay;
using namespace patchbay::router;
using namespace patchbay::router::testing;
using base::Counter;
using mqtt::ReasonCode;

namespace {

struct Bench {
  explicit Bench(RouterLimits with = {})
      : limits(std::move(with)),
        node(1),
        delayed(limits, node.shard(0).services, totals,
                [this](const mqtt::MessageRef& message) { published.push_back(message); }) {}

  ReasonCode accept(std::string_view topic, std::string_view payload = "x", const MessageOptions& options = {}) {
    return delayed.accept(make_message(topic, payload, node.shard(0).services, options));
  }
  std::vector<std::string> topics() const {
    std::vector<std::string> result;
    for (const auto& message : published) result.emplace_back(message->topic());
    return result;
  }

  RouterLimits limits;
  TestNode node;
  DelayedTotals totals;
  std::vector<mqtt::MessageRef> published;
  DelayedMessages delayed;
};

using Topics = std::vector<std::string>;

}  // namespace

TEST_CASE("a delayed message is published under its own topic when its time has come") {
  Bench bench;
  MessageOptions options;
  options.retain = true;
  options.qos = mqtt::Qos::at_least_once;
  options.publisher_handle = 5;
  CHECK(bench.accept("$delayed/10/a/b", "hello", options) == ReasonCode::success);
  bench.node.wait_s(9);
  CHECK(bench.published.empty());
  CHECK(bench.delayed.size() == 1);
  bench.node.wait_s(2);
  REQUIRE(bench.published.size() == 1);
  const mqtt::Message& message = *bench.published[0];
  CHECK(message.topic() == "a/b");
  CHECK(payload_of(message) == "hello");
  CHECK(message.retain());
  CHECK(message.qos() == mqtt::Qos::at_least_once);
  CHECK(message.publisher_handle() == 5);
  CHECK(message.publisher_client_id() == "publisher");
  CHECK(bench.delayed.size() == 0);
  CHECK(bench.totals.messages == 0);
  CHECK(bench.totals.bytes == 0);
  CHECK(bench.node.shard(0).counted(Counter::delayed) == 0);
  CHECK(bench.node.shard(0).counted(Counter::messages_delayed) == 1);
}

TEST_CASE("messages fire in the order of their times, equal times in the order of arrival") {
  Bench bench;
  for (const char* topic : {"$delayed/3/c", "$delayed/1/a", "$delayed/3/d", "$delayed/2/b", "$delayed/0/now"}) {
    CHECK(bench.accept(topic) == ReasonCode::success);
  }
  bench.node.wait_s(1);
  CHECK(bench.topics().front() == "now");
  bench.node.wait_s(5);
  CHECK(bench.topics() == Topics{"now", "a", "b", "c", "d"});
}

TEST_CASE("the expiry interval begins when the message is published") {
  Bench bench;
  MessageOptions options;
  options.expiry_s = 5;
  (void)bench.accept("$delayed/60/a", "x", options);
  bench.node.wait_s(61);
  REQUIRE(bench.published.size() == 1);
  CHECK_FALSE(bench.published[0]->is_expired(static_cast<int64_t>(bench.node.shard(0).services.now_ms)));
  CHECK(bench.published[0]->message_expiry_interval_s() == 5U);
}

TEST_CASE("what cannot be parsed or published is refused") {
  Bench bench;
  for (const char* topic :
       {"$delayed/x/a", "$delayed/1/", "$delayed/1", "$delayed/4294968/a", "$delayed/1/a/+", "$delayed/1/#"}) {
    INFO(topic);
    CHECK(bench.accept(topic) == ReasonCode::topic_name_invalid);
  }
  CHECK(bench.accept("$delayed/4294967/a") == ReasonCode::success);
  bench.limits.delayed_available = false;
  CHECK(bench.accept("$delayed/1/a") == ReasonCode::topic_name_invalid);
  CHECK(bench.delayed.size() == 1);
}

TEST_CASE("the limits of messages and bytes refuse, count, and free again") {
  RouterLimits limits;
  limits.maximum_delayed_messages = 2;
  Bench bench(limits);
  CHECK(bench.accept("$delayed/1/a") == ReasonCode::success);
  CHECK(bench.accept("$delayed/1/b") == ReasonCode::success);
  CHECK(bench.accept("$delayed/1/c") == ReasonCode::quota_exceeded);
  CHECK(bench.node.shard(0).counted(Counter::messages_dropped_delayed_limit) == 1);
  bench.node.wait_s(2);
  CHECK(bench.accept("$delayed/1/c") == ReasonCode::success);

  RouterLimits small;
  small.maximum_delayed_bytes = 2000;
  Bench by_bytes(small);
  CHECK(by_bytes.accept("$delayed/1/a", std::string(1500, 'x')) == ReasonCode::success);
  CHECK(by_bytes.accept("$delayed/1/a", std::string(1500, 'x')) == ReasonCode::quota_exceeded);
  CHECK(by_bytes.accept("$delayed/1/a", "x") == ReasonCode::success);
  CHECK(by_bytes.totals.messages == 2);
}

TEST_CASE("a tick fires a bounded number, the next ticks the others") {
  RouterLimits limits;
  limits.maximum_delayed_fired_per_tick = 10;
  Bench bench(limits);
  for (int i = 0; i < 35; ++i) (void)bench.accept("$delayed/1/" + std::to_string(i));
  bench.node.clock.advance_ms(1000 + base::TimerWheel::kTickMs);
  std::vector<size_t> fired;
  while (bench.published.size() < 35) {
    const size_t before = bench.published.size();
    bench.node.shard(0).turn();
    fired.push_back(bench.published.size() - before);
    REQUIRE(fired.back() <= 20);
    REQUIRE(fired.size() < 10);
    bench.node.clock.advance_ms(base::TimerWheel::kTickMs);
  }
  CHECK(fired.size() >= 2);
  CHECK(bench.topics().front() == "0");
  CHECK(bench.topics().back() == "34");
}

TEST_CASE("waiting messages can be listed in pages, found and cancelled") {
  Bench bench;
  for (int i = 1; i <= 5; ++i) (void)bench.accept("$delayed/" + std::to_string(i) + "/t" + std::to_string(i % 2));
  const auto first = bench.delayed.list(2);
  REQUIRE(first.size() == 2);
  CHECK(first[0].delay_s == 1);
  CHECK(first[0].message->topic() == "$delayed/1/t1");
  const auto second = bench.delayed.list(10, &first.back());
  REQUIRE(second.size() == 3);
  CHECK(second[0].delay_s == 3);
  CHECK(bench.delayed.find(second[0].id)->delay_s == 3);
  CHECK(bench.delayed.cancel(second[0].id));
  CHECK_FALSE(bench.delayed.cancel(second[0].id));
  CHECK_FALSE(bench.delayed.find(second[0].id));
  CHECK(bench.delayed.cancel_topic("t0") == 2);
  bench.node.wait_s(10);
  CHECK(bench.topics() == Topics{"t1", "t1"});
}

TEST_CASE("clearing drops everything and stops the timer") {
  Bench bench;
  for (int i = 0; i < 5; ++i) (void)bench.accept("$delayed/3/a");
  bench.delayed.clear();
  CHECK(bench.delayed.size() == 0);
  CHECK(bench.totals.messages == 0);
  CHECK(bench.node.shard(0).timers.size() == 0);
  bench.node.wait_s(5);
  CHECK(bench.published.empty());
}

TEST_CASE("a message that is published may delay another") {
  RouterLimits limits;
  TestNode node(1);
  DelayedTotals totals;
  std::vector<std::string> published;
  DelayedMessages* self = nullptr;
  DelayedMessages delayed(limits, node.shard(0).services, totals, [&](const mqtt::MessageRef& message) {
    published.emplace_back(message->topic());
    if (published.size() < 3) (void)self->accept(make_message("$delayed/2/again", "x", node.shard(0).services));
  });
  self = &delayed;
  (void)delayed.accept(make_message("$delayed/1/first", "x", node.shard(0).services));
  node.wait_s(10);
  CHECK(published == Topics{"first", "again", "again"});
}

// Topic metrics and slow subscriptions: what is counted and recorded while messages flow.
#include <catch2/catch.hpp>

#include "unit/operations/operations_fixture.h"

namespace patchbay::test {
namespace {

using mqtt::Qos;
using operations::SlowDelivery;
using operations::SlowSubscriptions;
using operations::SlowTable;
using operations::TopicCounter;
using operations::TopicMetrics;

uint64_t count(const TopicMetrics::Report& report, TopicCounter counter) {
  return report.counts[static_cast<size_t>(counter)];
}

/// A session of "subscriber" to the topic t, whose client has gone.
void leave_subscription(OperationsFixture& fixture) {
  TestClient subscriber(fixture.flow);
  subscriber.connect({.client_id = "subscriber", .session_expiry_interval_s = 1'000});
  subscriber.subscribe("t", Qos::at_least_once);
  subscriber.drop();
}

std::vector<SlowDelivery> recorded(OperationsFixture& fixture) {
  return SlowSubscriptions::slowest(
      {fixture.operations->slow_subscriptions().recorded(0), fixture.operations->slow_subscriptions().recorded(1)}, 10);
}

}  // namespace

TEST_CASE("Registered topics are counted, others are not", "[operations]") {
  OperationsFixture fixture;
  TopicMetrics& metrics = fixture.operations->topic_metrics();
  REQUIRE_FALSE(metrics.add("a/b"));
  REQUIRE_FALSE(metrics.add("a/+"));
  TestClient subscriber(fixture.flow);
  TestClient publisher(fixture.flow);
  subscriber.connect({.client_id = "subscriber"});
  publisher.connect({.client_id = "publisher"});
  subscriber.subscribe("a/b", Qos::at_least_once);
  publisher.publish("a/b", "1", Qos::exactly_once, false, 1);
  publisher.publish("a/b", "2");
  publisher.publish("a/c", "3");
  publisher.publish("other", "4");
  fixture.settle();
  const auto exact = metrics.find("a/b");
  REQUIRE(exact);
  CHECK(count(*exact, TopicCounter::in) == 2);
  CHECK(count(*exact, TopicCounter::qos2_in) == 1);
  CHECK(count(*exact, TopicCounter::qos0_in) == 1);
  CHECK(count(*exact, TopicCounter::out) == 2);
  CHECK(count(*exact, TopicCounter::qos1_out) == 1);
  CHECK(count(*exact, TopicCounter::qos0_out) == 1);
  CHECK(count(*exact, TopicCounter::dropped) == 0);
  const auto wild = metrics.find("a/+");
  REQUIRE(wild);
  CHECK(count(*wild, TopicCounter::in) == 3);
  CHECK(count(*wild, TopicCounter::dropped) == 1);  // nobody subscribed to a/c
}

TEST_CASE("Rates are averages over the last seconds", "[operations]") {
  OperationsFixture fixture;
  TopicMetrics& metrics = fixture.operations->topic_metrics();
  REQUIRE_FALSE(metrics.add("t"));
  TestClient publisher(fixture.flow);
  publisher.connect({.client_id = "publisher"});
  fixture.pass_s(1);
  for (int i = 0; i < 10; ++i) {
    publisher.publish("t", "x");
    publisher.publish("t", "y");
    fixture.pass_s(1);
  }
  CHECK(metrics.find("t")->rates[static_cast<size_t>(TopicCounter::in)] == Approx(2.0));
  fixture.pass_s(TopicMetrics::kRateTicks + 1);
  CHECK(metrics.find("t")->rates[static_cast<size_t>(TopicCounter::in)] == Approx(0.0));
  CHECK(count(*metrics.find("t"), TopicCounter::in) == 20);
}

TEST_CASE("A reset starts from 0, also while messages flow", "[operations]") {
  OperationsFixture fixture;
  TopicMetrics& metrics = fixture.operations->topic_metrics();
  REQUIRE_FALSE(metrics.add("t"));
  TestClient publisher(fixture.flow);
  publisher.connect({.client_id = "publisher"});
  publisher.publish("t", "1");
  CHECK(metrics.reset("t"));
  publisher.publish("t", "2");
  const auto report = metrics.find("t");
  CHECK(count(*report, TopicCounter::in) == 1);
  CHECK(report->reset_unix_ms.has_value());
  CHECK_FALSE(metrics.reset("u"));
  metrics.reset_all();
  CHECK(count(*metrics.find("t"), TopicCounter::in) == 0);
}

TEST_CASE("Topics are registered once, kept, bounded, and taken out", "[operations]") {
  OperationsFixture fixture;
  REQUIRE_FALSE(fixture.operations->topic_metrics().add("t"));
  CHECK(fixture.operations->topic_metrics().add("t") == TopicMetrics::Refusal::exists);
  for (const char* bad : {"", "a/#/b", "$share/g/t"})
    CHECK(fixture.operations->topic_metrics().add(bad) == TopicMetrics::Refusal::bad_topic);
  REQUIRE(fixture.restart());
  TopicMetrics& metrics = fixture.operations->topic_metrics();
  REQUIRE(metrics.find("t"));
  CHECK_FALSE(fixture.flow.hook_points.publish_routed.empty());
  for (size_t i = 1; i < TopicMetrics::kTopicsMax; ++i) REQUIRE_FALSE(metrics.add("t/" + std::to_string(i)));
  CHECK(metrics.add("one/more") == TopicMetrics::Refusal::full);
  for (const auto& report : metrics.list()) CHECK(metrics.remove(report.topic));
  CHECK_FALSE(metrics.remove("t"));
  CHECK(fixture.nobody_listens());
}

TEST_CASE("A slow acknowledgement is recorded, a quick one is not", "[operations]") {
  OperationsFixture fixture;
  operations::OperationsSettings settings;
  settings.slow = {true, 500, 300, 10, operations::SlowSpan::whole};
  fixture.operations->configure(settings);
  TestClient subscriber(fixture.flow);
  TestClient publisher(fixture.flow);
  subscriber.connect({.client_id = "subscriber"});
  publisher.connect({.client_id = "publisher"});
  subscriber.subscribe("t", Qos::at_least_once);
  publisher.publish("t", "1", Qos::at_least_once, false, 1);
  fixture.flow.advance_ms(100);
  subscriber.acknowledge_all(subscriber.publishes());
  CHECK(recorded(fixture).empty());
  publisher.publish("t", "2", Qos::at_least_once, false, 2);
  fixture.flow.advance_ms(700);
  subscriber.acknowledge_all(subscriber.publishes());
  const auto slow = recorded(fixture);
  REQUIRE(slow.size() == 1);
  CHECK(slow[0].client_id == "subscriber");
  CHECK(slow[0].topic == "t");
  CHECK(slow[0].time_span_ms >= 700);
  fixture.pass_s(302);
  CHECK(recorded(fixture).empty());
}

TEST_CASE("Retained messages and those that waited for an absent client are not slow", "[operations]") {
  OperationsFixture fixture;
  operations::OperationsSettings settings;
  settings.slow = {true, 500, 300, 10, operations::SlowSpan::whole};
  fixture.operations->configure(settings);
  TestClient publisher(fixture.flow);
  publisher.connect({.client_id = "publisher"});
  publisher.publish("kept", "r", Qos::at_most_once, true);
  leave_subscription(fixture);
  publisher.publish("t", "1", Qos::at_least_once, false, 1);
  fixture.flow.advance_ms(10'000);
  TestClient subscriber(fixture.flow);
  subscriber.connect({.client_id = "subscriber", .clean_start = false, .session_expiry_interval_s = 1'000});
  subscriber.subscribe("kept", Qos::at_most_once);
  fixture.settle();
  const auto received = subscriber.publishes();
  CHECK(received.size() == 2);
  subscriber.acknowledge_all(received);
  CHECK(recorded(fixture).empty());
}

TEST_CASE("Times of two shards may be a little apart: who has just connected is watched, too", "[operations]") {
  OperationsFixture fixture;
  operations::OperationsSettings settings;
  settings.slow = {true, 500, 300, 10, operations::SlowSpan::whole};
  fixture.operations->configure(settings);
  TestClient publisher(fixture.flow);
  publisher.connect({.client_id = "publisher"});
  leave_subscription(fixture);
  publisher.publish("t", "1", Qos::at_least_once, false, 1);
  fixture.flow.advance_ms(50);  // by its time the message came before the client
  TestClient subscriber(fixture.flow);
  subscriber.connect({.client_id = "subscriber", .clean_start = false, .session_expiry_interval_s = 1'000});
  const auto received = subscriber.publishes();
  REQUIRE(received.size() == 1);
  fixture.flow.advance_ms(700);
  subscriber.acknowledge_all(received);
  CHECK(recorded(fixture).size() == 1);
}

TEST_CASE("Until written: the acknowledgement does not matter", "[operations]") {
  OperationsFixture fixture;
  operations::OperationsSettings settings;
  settings.slow = {true, 500, 300, 10, operations::SlowSpan::internal};
  fixture.operations->configure(settings);
  CHECK(fixture.flow.hook_points.deliver_acked.empty());
  TestClient subscriber(fixture.flow);
  TestClient publisher(fixture.flow);
  subscriber.connect({.client_id = "subscriber"});
  publisher.connect({.client_id = "publisher"});
  subscriber.subscribe("t", Qos::at_least_once);
  publisher.publish("t", "1", Qos::at_least_once, false, 1);
  fixture.flow.advance_ms(700);
  subscriber.acknowledge_all(subscriber.publishes());
  CHECK(recorded(fixture).empty());
  subscriber.stop_taking();
  publisher.publish("t", "2", Qos::at_least_once, false, 2);
  fixture.flow.advance_ms(900);
  subscriber.take_again();
  fixture.settle();
  REQUIRE(recorded(fixture).size() == 1);
  fixture.operations->slow_subscriptions().clear();
  fixture.settle();
  CHECK(recorded(fixture).empty());
  fixture.operations->configure({});
  CHECK(fixture.nobody_listens());
}

TEST_CASE("The client's response alone: what a message waited for before it was sent does not matter", "[operations]") {
  OperationsFixture fixture;
  operations::OperationsSettings settings;
  settings.slow = {true, 500, 300, 10, operations::SlowSpan::response};
  fixture.operations->configure(settings);
  TestClient subscriber(fixture.flow);
  TestClient publisher(fixture.flow);
  subscriber.connect({.client_id = "subscriber"});
  publisher.connect({.client_id = "publisher"});
  subscriber.subscribe("t", Qos::at_least_once);
  subscriber.stop_taking();
  publisher.publish("t", "1", Qos::at_least_once, false, 1);
  fixture.flow.advance_ms(900);
  subscriber.take_again();
  fixture.settle();
  publisher.publish("t", "2", Qos::at_least_once, false, 2);
  fixture.flow.advance_ms(100);
  subscriber.acknowledge_all(subscriber.publishes());
  const auto quick = recorded(fixture);
  publisher.publish("t", "3", Qos::at_least_once, false, 3);
  fixture.flow.advance_ms(800);
  subscriber.acknowledge_all(subscriber.publishes());
  const auto slow = recorded(fixture);
  REQUIRE(slow.size() == 1);
  CHECK(slow[0].client_id == "subscriber");
  CHECK(slow[0].time_span_ms >= 800);
  CHECK(slow[0].time_span_ms < 900 + 800);
  fixture.operations->configure({});
  CHECK(fixture.nobody_listens());
}

TEST_CASE("Times of sending are taken once, are of one client each, and are bounded", "[operations]") {
  operations::SentTimes times;
  const int message = 0;
  const int other = 0;
  times.sent("a", &message, 5);
  times.sent("b", &message, 6);
  times.sent("a", &message, 7);  // sent again
  CHECK(times.take("a", &other) == std::nullopt);
  CHECK(times.take("a", &message) == 7);
  CHECK(times.take("a", &message) == std::nullopt);
  times.expire(7);
  CHECK(times.size() == 0);
  const std::vector<char> messages(operations::SentTimes::kMost + 5);
  for (const char& one : messages) times.sent("c", &one, 9);
  CHECK(times.size() == operations::SentTimes::kMost);
  times.clear();
  CHECK(times.size() == 0);
}

TEST_CASE("A full table keeps the slowest", "[operations]") {
  SlowTable table;
  for (uint64_t ms : {600U, 900U, 700U, 800U, 650U}) table.add("c", std::to_string(ms), ms, 1'000, 3);
  auto list = SlowSubscriptions::slowest({table.list()}, 10);
  REQUIRE(list.size() == 3);
  CHECK(list[0].time_span_ms == 900);
  CHECK(list[2].time_span_ms == 700);
  table.add("c", "900", 750, 2'000, 3);  // the latest one of a client and topic counts
  list = SlowSubscriptions::slowest({table.list()}, 2);
  REQUIRE(list.size() == 2);
  CHECK(list[0].time_span_ms == 800);
  CHECK(list[1].last_update_unix_ms == 2'000);
  table.expire(1'500);
  CHECK(table.list().size() == 1);
}

}  // namespace patchbay::test

#include "plugin_services/publish_service.h"

#include <catch2/catch.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "plugin_services/subscription_service.h"
#include "support/shard_fixture.h"
#include "support/test_client.h"
#include "unit/plugin_services/services_fixture.h"

using namespace patchbay;
using namespace patchbay::plugin_services;
using patchbay::test::ServicesFixture;
using patchbay::test::TestClient;
using plugin_bridge::GateState;
using plugin_bridge::Held;

namespace {

mqtt::MessageRef message(std::string_view topic, std::string_view payload, bool retain = false,
                         mqtt::Qos qos = mqtt::Qos::at_most_once) {
  mqtt::MessageFields fields;
  fields.topic = topic;
  fields.payload = {reinterpret_cast<const uint8_t*>(payload.data()), payload.size()};
  fields.retain = retain;
  fields.qos = qos;
  return mqtt::Message::create(fields);
}

std::string_view payload_of(const patchbay_message* message) {
  const auto payload = reinterpret_cast<const mqtt::Message*>(message)->payload();
  return {reinterpret_cast<const char*>(payload.data()), payload.size()};
}

struct PublishSubscribe : ServicesFixture {
  explicit PublishSubscribe(ServiceLimits given = {}) : ServicesFixture(given) {}
  ~PublishSubscribe() {
    on_each_shard([&] { subscriptions.stop_on_shard(); });
    settle();
  }
  static void on_message(void* self, uint64_t subscription, const patchbay_message* message) {
    auto& fixture = *static_cast<PublishSubscribe*>(self);
    fixture.received.emplace_back(payload_of(message));
    fixture.last_subscription = subscription;
    fixture.received_on = base::current_shard();
    if (fixture.then) fixture.then();
  }
  uint64_t subscribe(std::string_view topic_filter, uint32_t maximum_qos = 0) {
    uint64_t subscription = 0;
    REQUIRE(subscriptions.subscribe(topic_filter, maximum_qos, &PublishSubscribe::on_message, this, subscription) ==
            PATCHBAY_OK);
    settle();
    return subscription;
  }

  PublishService publishing{account, shards};
  SubscriptionService subscriptions{account, shards, workers};
  std::vector<std::string> received;
  uint64_t last_subscription = 0;
  base::ShardId received_on = 0;
  std::function<void()> then;
};

}  // namespace

TEST_CASE("what a plugin publishes from any thread reaches subscribers, in order") {
  PublishSubscribe fixture;
  TestClient client(fixture.flow);
  client.connect();
  client.subscribe("a/#");
  for (const char* payload : {"1", "2", "3"}) CHECK(fixture.publishing.publish(message("a/b", payload)) == PATCHBAY_OK);
  CHECK(fixture.publishing.pending() == 3);
  fixture.settle();
  CHECK(fixture.publishing.pending() == 0);
  const auto got = client.publishes();
  REQUIRE(got.size() == 3);
  CHECK(got[0].payload == "1");
  CHECK(got[2].payload == "3");
}

TEST_CASE("a publish on a shard waits for the end of the turn: no hook runs within a hook") {
  PublishSubscribe fixture;
  TestClient client(fixture.flow);
  client.connect();
  client.subscribe("a");
  fixture.flow.turn(1, [&] {
    CHECK(fixture.publishing.publish(message("a", "x")) == PATCHBAY_OK);
    CHECK(fixture.flow.environment(1).hook_services->plugin_publisher.waiting() == 1);
  });
  fixture.settle();
  CHECK(fixture.flow.environment(1).hook_services->plugin_publisher.waiting() == 0);
  CHECK(client.publishes().size() == 1);
}

TEST_CASE("what can't be published is refused at once") {
  test::RecordingLog log;
  PublishSubscribe fixture;
  CHECK(fixture.publishing.publish({}) == PATCHBAY_INVALID);
  CHECK(fixture.publishing.publish(message("a/#", "x")) == PATCHBAY_INVALID);
  CHECK(fixture.publishing.publish(message("", "x")) == PATCHBAY_INVALID);
  fixture.flow.turn(0, [&] { CHECK(fixture.publishing.publish(message("a/+", "x")) == PATCHBAY_INVALID); });
  fixture.instance.gate.move_to(GateState::draining);
  CHECK(fixture.publishing.publish(message("a", "x")) == PATCHBAY_CLOSED);
  CHECK_FALSE(log.lines.empty());
}

TEST_CASE("plugins.max_pending_publishes bounds what waits for a shard") {
  ServiceLimits limits;
  limits.max_pending_publishes = 2;
  PublishSubscribe fixture(limits);
  CHECK(fixture.publishing.publish(message("a", "1")) == PATCHBAY_OK);
  CHECK(fixture.publishing.publish(message("a", "2")) == PATCHBAY_OK);
  CHECK(fixture.publishing.publish(message("a", "3")) == PATCHBAY_BUSY);
  CHECK(fixture.account.refusals.value(Refusal::pending_publishes) == 1);
  fixture.settle();
  CHECK(fixture.publishing.publish(message("a", "4")) == PATCHBAY_OK);
  fixture.settle();
}

TEST_CASE("a subscription gets what clients publish, by the name that it was given") {
  PublishSubscribe fixture;
  const uint64_t subscription = fixture.subscribe("sensors/+", 1);
  CHECK(fixture.instance.holds(Held::subscriptions) == 1);
  TestClient client(fixture.flow);
  client.connect();
  client.publish("sensors/1", "21.5");
  client.publish("other", "no");
  fixture.settle();
  CHECK(fixture.received == std::vector<std::string>{"21.5"});
  CHECK(fixture.last_subscription == subscription);
  CHECK(fixture.received_on == 1);  // instance 7, two shards
}

TEST_CASE("a subscription that was made on a shard is called there, and retained messages come first") {
  PublishSubscribe fixture;
  TestClient client(fixture.flow);
  client.connect();
  client.publish("state", "on", mqtt::Qos::at_most_once, true);
  fixture.settle();
  uint64_t subscription = 0;
  fixture.flow.turn(0, [&] {
    CHECK(fixture.subscriptions.subscribe("state", 0, &PublishSubscribe::on_message, &fixture, subscription) ==
          PATCHBAY_OK);
  });
  fixture.settle();
  CHECK(fixture.received == std::vector<std::string>{"on"});
  CHECK(fixture.received_on == 0);
}

TEST_CASE("an instance does not get back what it has published itself") {
  PublishSubscribe fixture;
  fixture.subscribe("a");
  CHECK(fixture.publishing.publish(message("a", "own")) == PATCHBAY_OK);
  fixture.settle();
  CHECK(fixture.received.empty());
}

TEST_CASE("two plugins that answer each other come to an end") {
  PublishSubscribe fixture;
  test::InstanceFixture other("echo", 8, fixture.places, fixture.flow.clock, fixture.limits);
  PublishService other_publishing(other.account, fixture.shards);
  SubscriptionService other_subscriptions(other.account, fixture.shards, fixture.workers);
  struct Echo {
    PublishService& publishing;
    int calls = 0;
    patchbay_status last = PATCHBAY_OK;
  } echo{other_publishing};
  uint64_t subscription = 0;
  REQUIRE(other_subscriptions.subscribe(
              "ping", 0,
              [](void* self, uint64_t, const patchbay_message*) {
                auto& to = *static_cast<Echo*>(self);
                ++to.calls;
                to.last = to.publishing.publish(message("pong", "x"));
              },
              &echo, subscription) == PATCHBAY_OK);
  fixture.subscribe("pong");
  patchbay_status last = PATCHBAY_OK;
  fixture.then = [&] { last = fixture.publishing.publish(message("ping", "x")); };
  CHECK(fixture.publishing.publish(message("ping", "x")) == PATCHBAY_OK);
  fixture.settle();
  CHECK(echo.calls == 2);
  CHECK(fixture.received.size() == 2);
  CHECK(last == PATCHBAY_BUSY);
  CHECK(fixture.account.refusals.value(Refusal::publish_depth) == 1);
  fixture.on_each_shard([&] { other_subscriptions.stop_on_shard(); });
}

TEST_CASE("after unsubscribe no call begins, and its end is told on the shard") {
  PublishSubscribe fixture;
  const uint64_t subscription = fixture.subscribe("a");
  static base::ShardId done_on = base::kNoShard;
  CHECK(fixture.subscriptions.unsubscribe(
            subscription, [](void*) { done_on = base::current_shard(); }, nullptr) == PATCHBAY_OK);
  CHECK(fixture.subscriptions.unsubscribe(subscription, nullptr, nullptr) == PATCHBAY_NOT_FOUND);
  TestClient client(fixture.flow);
  client.connect();
  client.publish("a", "x");
  fixture.settle();
  CHECK(done_on == 1);
  CHECK(fixture.received.empty());
  CHECK(fixture.instance.holds(Held::subscriptions) == 0);
}

TEST_CASE("a delivery may end its own subscription") {
  PublishSubscribe fixture;
  const uint64_t subscription = fixture.subscribe("a");
  fixture.then = [&] { CHECK(fixture.subscriptions.unsubscribe(subscription, nullptr, nullptr) == PATCHBAY_OK); };
  TestClient client(fixture.flow);
  client.connect();
  client.publish("a", "1");
  client.publish("a", "2");
  fixture.settle();
  CHECK(fixture.received == std::vector<std::string>{"1"});
}

TEST_CASE("with worker execution deliveries are called for on workers, one after the other") {
  PublishSubscribe fixture;
  fixture.instance.facts.worker_execution = true;
  fixture.subscribe("a");
  TestClient client(fixture.flow);
  client.connect();
  for (const char* payload : {"1", "2", "3"}) client.publish("a", payload);
  fixture.flow.settle();
  CHECK(fixture.received.empty());
  CHECK(fixture.workers.waiting() == 1);
  fixture.settle();
  CHECK(fixture.received == std::vector<std::string>{"1", "2", "3"});
  CHECK(fixture.received_on == base::kNoShard);
}

TEST_CASE("subscriptions that cannot be are refused; their number is bounded") {
  ServiceLimits limits;
  limits.max_subscriptions = 1;
  PublishSubscribe fixture(limits);
  uint64_t subscription = 0;
  const auto subscribe = [&](std::string_view filter, uint32_t qos) {
    return fixture.subscriptions.subscribe(filter, qos, &PublishSubscribe::on_message, &fixture, subscription);
  };
  CHECK(subscribe("a/#/b", 0) == PATCHBAY_INVALID);
  CHECK(subscribe("a", 3) == PATCHBAY_INVALID);
  CHECK(fixture.subscriptions.subscribe("a", 0, nullptr, &fixture, subscription) == PATCHBAY_INVALID);
  CHECK(subscribe("$share/g/a", 2) == PATCHBAY_OK);
  CHECK(subscribe("b", 0) == PATCHBAY_BUSY);
  CHECK(fixture.account.refusals.value(Refusal::subscriptions) == 1);
  fixture.settle();
  fixture.instance.gate.move_to(GateState::draining);
  CHECK(subscribe("b", 0) == PATCHBAY_CLOSED);
}

TEST_CASE("after the shards have stopped the subscriptions of the instance, none calls") {
  PublishSubscribe fixture;
  fixture.subscribe("a");
  fixture.on_each_shard([&] { fixture.subscriptions.stop_on_shard(); });
  CHECK(fixture.instance.holds(Held::subscriptions) == 0);
  TestClient client(fixture.flow);
  client.connect();
  client.publish("a", "x");
  fixture.settle();
  CHECK(fixture.received.empty());
}

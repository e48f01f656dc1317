// Subscriptions of plugins: a callback on a shard in place of a session.

#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>
#include <string>
#include <vector>

#include "router/subscription_index.h"
#include "session/hook_services.h"
#include "support/chain_listener.h"
#include "support/flow_harness.h"
#include "support/test_client.h"

using namespace patchbay;
using namespace patchbay::test;
using base::Counter;
using distribution::SubscriberHandle;
using mqtt::Qos;
using mqtt::ReasonCode;
using session::PluginDelivery;
using session::PluginSubscriptionRequest;
using session::PluginSubscriptions;

namespace {

/// A plugin instance that subscribes on one shard and writes down what it gets.
struct Listener {
  Listener(FlowHarness& harness_, base::ShardId shard_, uint64_t origin_ = 7)
      : harness(harness_), shard(shard_), origin(origin_) {}
  ~Listener() {
    harness.turn(shard, [this] { subscriptions().remove_all(origin); });
  }
  PluginSubscriptions& subscriptions() { return harness.environment(shard).hook_services->plugin_subscriptions; }
  PluginSubscriptionRequest request(std::string_view topic_filter) {
    PluginSubscriptionRequest wanted;
    wanted.topic_filter = topic_filter;
    wanted.origin = origin;
    wanted.callback = &Listener::on_message;
    wanted.self = this;
    return wanted;
  }
  PluginSubscriptions::Added add(const PluginSubscriptionRequest& wanted) {
    PluginSubscriptions::Added added;
    harness.turn(shard, [&] { added = subscriptions().add(wanted); });
    harness.settle();
    return added;
  }
  PluginSubscriptions::Added add(std::string_view topic_filter) { return add(request(topic_filter)); }
  bool remove(SubscriberHandle subscription) {
    bool removed = false;
    harness.turn(shard, [&] { removed = subscriptions().remove(subscription); });
    return removed;
  }
  static bool on_message(void* self, const PluginDelivery& delivery) noexcept {
    auto& listener = *static_cast<Listener*>(self);
    CHECK(base::current_shard() == listener.shard);
    listener.heard.push_back(std::string(delivery.topic_filter) + ": " + std::string(delivery.message->topic()) + "=" +
                             std::string(delivery.message->payload().begin(), delivery.message->payload().end()) +
                             " qos" + std::to_string(static_cast<int>(delivery.qos)) +
                             (delivery.retain ? " retain" : ""));
    if (listener.then) listener.then();
    return listener.takes;
  }
  std::vector<std::string> take() { return std::exchange(heard, {}); }

  FlowHarness& harness;
  base::ShardId shard;
  uint64_t origin;
  bool takes = true;
  std::function<void()> then;
  std::vector<std::string> heard;
};

using Lines = std::vector<std::string>;

ConnectOptions named(std::string client_id) {
  ConnectOptions options;
  options.client_id = std::move(client_id);
  return options;
}

}  // namespace

TEST_CASE("plugin subscriptions: messages of the whole node come to the callback, on its shard, with the lower QoS") {
  FlowHarness harness;
  for (const base::ShardId shard : {base::ShardId{0}, base::ShardId{1}}) {
    Listener listener(harness, shard);
    const auto added = listener.add("a/+");
    REQUIRE(added.reason == ReasonCode::success);
    CHECK(added.subscription.is_internal());
    CHECK(listener.subscriptions().size() == 1);
    TestClient client(harness);
    client.connect(named("c"));
    client.publish("a/b", "0");
    client.publish("a/c", "1", Qos::at_least_once);
    client.publish("a/d", "2", Qos::exactly_once);
    client.publish("b/d", "not for it");
    CHECK(listener.take() == Lines{"a/+: a/b=0 qos0", "a/+: a/c=1 qos1", "a/+: a/d=2 qos1"});
    CHECK(client.next_packet().reason == ReasonCode::success);  // somebody got it
    CHECK(listener.remove(added.subscription));
    CHECK_FALSE(listener.remove(added.subscription));
    client.publish("a/b", "3");
    CHECK(listener.take().empty());
    CHECK(harness.environment(0).index.subscription_count() == 0);
  }
}

TEST_CASE("plugin subscriptions: overlapping ones are called each, beside sessions that get theirs") {
  FlowHarness harness;
  Listener listener(harness, 1);
  auto low = listener.request("#");
  low.maximum_qos = Qos::at_most_once;
  listener.add(low);
  listener.add("t");
  TestClient client(harness);
  client.connect(named("c"));
  client.subscribe("t");
  client.publish("t", "x", Qos::at_least_once);
  CHECK(client.one_publish().payload == "x");
  Lines heard = listener.take();
  std::sort(heard.begin(), heard.end());
  CHECK(heard == Lines{"#: t=x qos0", "t: t=x qos1"});
}

TEST_CASE("plugin subscriptions: own messages are left out unless asked for, those of others never") {
  FlowHarness harness;
  Listener mine(harness, 0, 7);
  Listener other(harness, 1, 8);
  mine.add("t");
  other.add("t");
  auto all = mine.request("+");
  all.own_messages = true;
  mine.add(all);
  harness.turn(0, [&] {
    mqtt::MessageFields fields;
    fields.topic = "t";
    CHECK(harness.environment(0).hook_services->plugin_publisher.publish_from_plugin(fields, 7) ==
          session::PluginPublishStatus::accepted);
  });
  harness.settle();
  CHECK(mine.take() == Lines{"+: t= qos0"});
  CHECK(other.take() == Lines{"t: t= qos0"});
}

TEST_CASE("plugin subscriptions: retained messages come when asked for, page by page") {
  FlowHarness harness;
  TestClient client(harness);
  client.connect(named("c"));
  for (int i = 0; i < 150; ++i) client.publish("kept/" + std::to_string(i), "x", Qos::at_most_once, true);
  Listener listener(harness, 1);
  listener.add("kept/#");
  CHECK(listener.take().empty());
  auto wanted = listener.request("kept/+");
  wanted.retain_handling = 0;
  const auto added = listener.add(wanted);
  const Lines heard = listener.take();
  CHECK(heard.size() == 150);
  CHECK(heard.front().ends_with(" retain"));
  listener.remove(added.subscription);
  size_t calls = 0;
  SubscriberHandle again;
  listener.then = [&] {  // unsubscribes in the middle of a page
    if (++calls == 10) CHECK(listener.subscriptions().remove(again));
  };
  harness.turn(1, [&] { again = listener.subscriptions().add(wanted).subscription; });
  harness.settle();
  CHECK(calls == 10);
  listener.then = nullptr;
  listener.take();
  client.publish("kept/1", "now", Qos::at_most_once, true);
  CHECK(listener.take() == Lines{"kept/#: kept/1=now qos0"});  // [MQTT-3.3.1-12] not as retained
  auto as_published = listener.request("kept/1");
  as_published.retain_as_published = true;
  listener.add(as_published);
  listener.take();
  client.publish("kept/1", "now", Qos::at_most_once, true);
  CHECK(listener.take().size() == 2);
}

TEST_CASE("plugin subscriptions: a shared one is a member like others; what it does not take goes to another") {
  FlowHarness harness;
  Listener listener(harness, 1);
  listener.add("$share/g/t");
  TestClient publisher(harness);
  publisher.connect(named("publisher"));
  publisher.publish("t", "alone", Qos::at_least_once);
  CHECK(listener.take() == Lines{"$share/g/t: t=alone qos1"});
  TestClient member(harness);
  member.connect(named("member"));
  member.subscribe("$share/g/t");
  size_t to_plugin = 0;
  for (int i = 0; i < 20; ++i) publisher.publish("t", "x", Qos::at_least_once);
  to_plugin = listener.take().size();
  const size_t to_member = member.acknowledge_all(member.publishes());
  CHECK(to_plugin + to_member == 20);
  CHECK(to_plugin > 0);
  CHECK(to_member > 0);
  listener.takes = false;
  for (int i = 0; i < 20; ++i) publisher.publish("t", "x", Qos::at_least_once);
  CHECK(member.acknowledge_all(member.publishes()) == 20);
  CHECK(harness.counted(Counter::messages_dropped_plugin_refused) == 0);
  member.disconnect();
  publisher.publish("t", "nobody takes it", Qos::at_least_once);
  CHECK(harness.counted(Counter::messages_dropped_session_gone) == 1);
}

TEST_CASE("plugin subscriptions: a plain message that is not taken is dropped and counted") {
  FlowHarness harness;
  Listener listener(harness, 0);
  listener.takes = false;
  listener.add("t");
  TestClient client(harness);
  client.connect(named("c"));
  client.publish("t", "x", Qos::at_least_once);
  CHECK(harness.counted(Counter::messages_dropped_plugin_refused) == 1);
  CHECK(listener.take().size() == 1);
}

TEST_CASE("plugin subscriptions: a callback may publish, subscribe and unsubscribe") {
  FlowHarness harness;
  Listener listener(harness, 0);
  Listener echo(harness, 1, 9);
  echo.add("echo");
  const auto first = listener.add("t");
  SubscriberHandle next;
  listener.then = [&] {
    mqtt::MessageFields fields;
    fields.topic = "echo";
    session::HookServices& services = *harness.environment(0).hook_services;
    CHECK(services.plugin_publisher.publish_from_plugin(fields, 7) == session::PluginPublishStatus::accepted);
    CHECK(listener.subscriptions().remove(first.subscription));
    next = listener.subscriptions().add(listener.request("u")).subscription;
  };
  TestClient client(harness);
  client.connect(named("c"));
  client.publish("t", "x");
  CHECK(echo.take().size() == 1);
  CHECK(listener.take().size() == 1);
  listener.then = nullptr;
  client.publish("t", "x");
  client.publish("u", "x");
  CHECK(listener.take() == Lines{"u: u=x qos0"});
  CHECK(next.slot() == first.subscription.slot());  // the place is used again, under another generation
  CHECK(next != first.subscription);
  CHECK_FALSE(listener.remove(first.subscription));
}

TEST_CASE("plugin subscriptions: malformed filters, too many, and an instance that goes with all it has") {
  FlowHarness harness;
  Listener listener(harness, 0);
  CHECK(listener.add("a/#/b").reason == ReasonCode::topic_filter_invalid);
  CHECK(listener.add("\xC3\x28").reason == ReasonCode::topic_filter_invalid);
  CHECK(listener.add("$share//a").reason == ReasonCode::topic_filter_invalid);
  Listener other(harness, 0, 8);
  other.add("t");
  harness.turn(0, [&] {
    for (size_t i = 1; i < PluginSubscriptions::kMaximumSubscriptions; ++i)
      CHECK(listener.subscriptions().add(listener.request("t" + std::to_string(i))).reason == ReasonCode::success);
    CHECK(listener.subscriptions().add(listener.request("more")).reason == ReasonCode::quota_exceeded);
    CHECK(listener.subscriptions().remove_all(7) == PluginSubscriptions::kMaximumSubscriptions - 1);
    CHECK(listener.subscriptions().size() == 1);
    CHECK(listener.subscriptions().remove_all(7) == 0);
  });
  TestClient client(harness);
  client.connect(named("c"));
  client.publish("t1", "x");
  client.publish("t", "x");
  CHECK(listener.take().empty());
  CHECK(other.take().size() == 1);
}

TEST_CASE("plugin subscriptions: what has expired on its way is not given to the callback [MQTT-3.3.2-5]") {
  FlowHarness harness;
  Listener listener(harness, 1);
  listener.add("t");
  mqtt::MessageFields fields;
  fields.topic = "t";
  fields.message_expiry_interval_s = 0;
  harness.turn(
      0, [&] { static_cast<void>(session::publish_message(harness.environment(0), mqtt::Message::create(fields))); });
  harness.settle();
  CHECK(listener.take().empty());
  CHECK(harness.counted(Counter::messages_dropped_expired) == 1);
}

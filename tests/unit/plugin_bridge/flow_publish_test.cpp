// What plugins answer at the router and distribution points, through the C tables, as clients see it.

#include <catch2/catch.hpp>

#include "unit/plugin_bridge/support/flow_fixture.h"

namespace patchbay::test {
namespace {

using mqtt::PacketType;
using mqtt::Qos;
using mqtt::ReasonCode;

ConnectOptions as(std::string client_id) {
  ConnectOptions options;
  options.client_id = std::move(client_id);
  return options;
}

/// A publisher and a subscriber of everything, connected once the plugin's hooks are published.
struct Stage : FlowFixture {
  explicit Stage(FlowOptions options = {}) : FlowFixture(std::move(options)) {}
  void open() {
    start();
    publisher = std::make_unique<TestClient>(harness);
    subscriber = std::make_unique<TestClient>(harness, 1);
    publisher->connect(as("publisher"));
    subscriber->connect(as("subscriber"));
    subscriber->subscribe("#");
  }
  std::unique_ptr<TestClient> publisher;
  std::unique_ptr<TestClient> subscriber;
};

}  // namespace

TEST_CASE("publish.rewrite and publish.accept: topic and payload as the plugin wants them", "[plugin_bridge][flow]") {
  Stage stage;
  stage.on(PATCHBAY_HOOK_publish_rewrite, PATCHBAY_PHASE_TRANSFORM, [&](const void* raw, patchbay_token) {
    const auto& event = *static_cast<const patchbay_publish_rewrite_event*>(raw);
    const std::string next = "in/" + text(event.topic);
    return answer_with(PATCHBAY_REPLACE, stage.answers().text(stage.host(), text(std::string_view(next))));
  });
  stage.on(PATCHBAY_HOOK_publish_accept, PATCHBAY_PHASE_TRANSFORM, [&](const void* raw, patchbay_token) {
    const auto& event = *static_cast<const patchbay_publish_accept_event*>(raw);
    return answer_with(PATCHBAY_REPLACE,
                       stage.answers().message(stage.host(), stage.make("", "changed", event.message)));
  });
  stage.open();
  stage.publisher->publish("a", "original");
  const ReceivedPublish received = stage.subscriber->one_publish();
  CHECK(received.topic == "in/a");
  CHECK(received.payload == "changed");
  CHECK(stage.plugin->instance->held().value(plugin_bridge::Held::message_references) == 0);
}

TEST_CASE("publish.accept: drop is quiet, deny is not, and a hold waits with the acknowledgement",
          "[plugin_bridge][flow]") {
  Stage stage;
  patchbay_token held{};
  stage.on(PATCHBAY_HOOK_publish_accept, PATCHBAY_PHASE_DECIDE, [&](const void* raw, patchbay_token token) {
    const auto& event = *static_cast<const patchbay_publish_accept_event*>(raw);
    if (text(event.topic) == "drop") return answer(PATCHBAY_DROP);
    if (text(event.topic) == "deny") return answer(PATCHBAY_DENY, 0x97);
    held = token;
    patchbay_verdict verdict = answer(PATCHBAY_DEFER);
    verdict.flags = PATCHBAY_VERDICT_HOLD_ACK;
    return verdict;
  });
  stage.open();
  stage.publisher->publish("drop", "x", Qos::at_least_once, false, 1);
  CHECK_FALSE(mqtt::is_failure(stage.publisher->next_packet().reason));
  stage.publisher->publish("deny", "x", Qos::at_least_once, false, 2);
  CHECK(stage.publisher->next_packet().reason == ReasonCode::quota_exceeded);
  CHECK(stage.subscriber->publishes().empty());
  stage.publisher->publish("hold", "x", Qos::at_least_once, false, 3);
  CHECK(stage.subscriber->one_publish().topic == "hold");
  CHECK_FALSE(stage.publisher->has_packets());
  CHECK(stage.complete(held, answer(PATCHBAY_ALLOW)) == PATCHBAY_OK);
  CHECK(stage.publisher->next_packet().packet_id == 3);
}

TEST_CASE("publish.accept: a deferred decision holds the client's packets in order", "[plugin_bridge][flow]") {
  Stage stage;
  std::vector<patchbay_token> tokens;
  stage.on(PATCHBAY_HOOK_publish_accept, PATCHBAY_PHASE_DECIDE, [&](const void*, patchbay_token token) {
    tokens.push_back(token);
    return answer(PATCHBAY_DEFER);
  });
  stage.open();
  stage.publisher->publish("first", "x");
  stage.publisher->publish("second", "x");
  REQUIRE(tokens.size() == 1);
  CHECK(stage.subscriber->publishes().empty());
  stage.complete(tokens[0], answer(PATCHBAY_CONTINUE));
  CHECK(stage.subscriber->one_publish().topic == "first");
  CHECK_FALSE(stage.publisher->has_packets());  // its connection reads again
  REQUIRE(tokens.size() == 2);
  stage.complete(tokens[1], answer(PATCHBAY_ALLOW));
  CHECK(stage.subscriber->one_publish().topic == "second");
}

TEST_CASE("publish.routed and publish.unrouted", "[plugin_bridge][flow]") {
  Stage stage;
  uint32_t receivers = 0;
  stage.on(PATCHBAY_HOOK_publish_routed, PATCHBAY_PHASE_OBSERVE, [&](const void* raw, patchbay_token) {
    receivers += static_cast<const patchbay_publish_routed_event*>(raw)->receivers;
    return answer(PATCHBAY_CONTINUE);
  });
  stage.on(PATCHBAY_HOOK_publish_unrouted, PATCHBAY_PHASE_TRANSFORM, [&](const void*, patchbay_token) {
    return answer_with(PATCHBAY_REPLACE, stage.answers().text(stage.host(), text("dead/letter")));
  });
  stage.open();
  stage.subscriber->unsubscribe("#");
  stage.subscriber->subscribe("dead/#");
  stage.publisher->publish("nobody", "x");
  CHECK(stage.subscriber->one_publish().topic == "dead/letter");
  stage.publisher->publish("dead/one", "x");
  CHECK(stage.subscriber->one_publish().topic == "dead/one");
  CHECK(receivers >= 1);
}

TEST_CASE("share.pick: the plugin chooses the member", "[plugin_bridge][flow]") {
  Stage stage;
  std::string wanted;
  stage.on(PATCHBAY_HOOK_share_pick, PATCHBAY_PHASE_DECIDE, [&](const void* raw, patchbay_token) {
    const auto& event = *static_cast<const patchbay_share_pick_event*>(raw);
    CHECK(text(event.share_name) == "g");
    CHECK(event.member_count == 2);
    patchbay_verdict verdict = answer(PATCHBAY_ALLOW);
    for (size_t i = 0; i < event.member_count; ++i) {
      if (text(event.members[i].client_id) == wanted) verdict.arg = i;
    }
    return verdict;
  });
  stage.open();
  stage.subscriber->unsubscribe("#");
  TestClient other(stage.harness);
  other.connect(as("other"));
  stage.subscriber->subscribe("$share/g/t");
  other.subscribe("$share/g/t");
  for (const std::string name : {"other", "subscriber", "other"}) {
    wanted = name;
    stage.publisher->publish("t", name);
    CHECK(stage.subscriber->publishes().size() == (name == "subscriber" ? 1 : 0));
    CHECK(other.publishes().size() == (name == "other" ? 1 : 0));
  }
}

TEST_CASE("retain.store and retain.lookup: what is kept, and what is sent besides", "[plugin_bridge][flow]") {
  Stage stage;
  stage.on(PATCHBAY_HOOK_retain_store, PATCHBAY_PHASE_DECIDE, [](const void* raw, patchbay_token) {
    const auto& event = *static_cast<const patchbay_retain_store_event*>(raw);
    return answer(text(event.topic) == "no" ? PATCHBAY_DROP : PATCHBAY_CONTINUE);
  });
  stage.on(PATCHBAY_HOOK_retain_store, PATCHBAY_PHASE_TRANSFORM, [&](const void* raw, patchbay_token) {
    const auto& event = *static_cast<const patchbay_retain_store_event*>(raw);
    const patchbay_message* kept = stage.make("", "kept", event.message);
    return answer_with(PATCHBAY_REPLACE, stage.answers().retained(stage.host(), kept, 0));
  });
  stage.on(PATCHBAY_HOOK_retain_lookup, PATCHBAY_PHASE_DECIDE, [&](const void* raw, patchbay_token) {
    const auto& event = *static_cast<const patchbay_retain_lookup_event*>(raw);
    if (text(event.topic_filter) != "virtual/#") return answer(PATCHBAY_CONTINUE);
    const patchbay_message* extra = stage.make("virtual/now", "12:00");
    return answer_with(PATCHBAY_ALLOW, stage.answers().messages(stage.host(), &extra, 1));
  });
  stage.open();
  stage.publisher->publish("yes", "sent", Qos::at_most_once, true);
  stage.publisher->publish("no", "sent", Qos::at_most_once, true);
  CHECK(stage.subscriber->publishes().size() == 2);
  TestClient later(stage.harness);
  later.connect(as("later"));
  later.subscribe("no");
  CHECK(later.publishes().empty());
  later.subscribe("yes");
  CHECK(later.one_publish().payload == "kept");
  later.subscribe("virtual/#");
  const ReceivedPublish extra = later.one_publish();
  CHECK(extra.topic == "virtual/now");
  CHECK(extra.payload == "12:00");
}

TEST_CASE("deliver.before, acl.deliver and the deliver observers", "[plugin_bridge][flow]") {
  Stage stage;
  stage.on(
      PATCHBAY_HOOK_acl_deliver, PATCHBAY_PHASE_DECIDE,
      [](const void* raw, patchbay_token) {
        const auto& event = *static_cast<const patchbay_acl_deliver_event*>(raw);
        return answer(text(event.topic) == "t/denied" ? PATCHBAY_DENY : PATCHBAY_ALLOW);
      },
      "t/#");
  stage.on(
      PATCHBAY_HOOK_deliver_before, PATCHBAY_PHASE_TRANSFORM,
      [&](const void* raw, patchbay_token) {
        const auto& event = *static_cast<const patchbay_deliver_before_event*>(raw);
        if (text(event.topic) == "t/skip") return answer(PATCHBAY_DROP);
        return answer_with(PATCHBAY_REPLACE,
                           stage.answers().message(stage.host(), stage.make("", "for you", event.message)));
      },
      "t/#");
  uint32_t sent = 0;
  uint32_t acked = 0;
  stage.on(PATCHBAY_HOOK_deliver_sent, PATCHBAY_PHASE_OBSERVE, [&](const void*, patchbay_token) {
    ++sent;
    return answer(PATCHBAY_CONTINUE);
  });
  stage.on(PATCHBAY_HOOK_deliver_acked, PATCHBAY_PHASE_OBSERVE, [&](const void* raw, patchbay_token) {
    CHECK(text(static_cast<const patchbay_delivery_event*>(raw)->client_id) == "subscriber");
    ++acked;
    return answer(PATCHBAY_CONTINUE);
  });
  stage.open();
  stage.publisher->publish("t/denied", "x");
  stage.publisher->publish("t/skip", "x");
  CHECK(stage.subscriber->publishes().empty());
  stage.publisher->publish("t/ok", "x", Qos::at_least_once, false, 1);
  const auto received = stage.subscriber->publishes();
  REQUIRE(received.size() == 1);
  CHECK(received[0].payload == "for you");
  CHECK(sent == 1);
  stage.subscriber->acknowledge_all(received);
  CHECK(acked == 1);
}

TEST_CASE("will.publish: another farewell", "[plugin_bridge][flow]") {
  Stage stage;
  stage.on(PATCHBAY_HOOK_will_publish, PATCHBAY_PHASE_TRANSFORM, [&](const void* raw, patchbay_token) {
    const auto& event = *static_cast<const patchbay_will_publish_event*>(raw);
    CHECK(text(event.topic) == "will");
    return answer_with(PATCHBAY_REPLACE,
                       stage.answers().message(stage.host(), stage.make("", "farewell", event.message)));
  });
  stage.open();
  {
    TestClient mortal(stage.harness);
    ConnectOptions connect = as("mortal");
    connect.has_will = true;
    mortal.connect(connect);
    mortal.drop();
  }
  stage.harness.settle();
  CHECK(stage.subscriber->one_publish().payload == "farewell");
}

TEST_CASE("queue.overflow: the plugin says which message goes", "[plugin_bridge][flow]") {
  const uint64_t action = GENERATE(1, 2);
  FlowOptions options;
  options.session.maximum_queued_messages = 2;
  options.session.queue_drop_policy = session::QueueDropPolicy::oldest;
  Stage stage(options);
  uint32_t asked = 0;
  stage.on(PATCHBAY_HOOK_queue_overflow, PATCHBAY_PHASE_DECIDE, [&](const void* raw, patchbay_token) {
    const auto& event = *static_cast<const patchbay_queue_overflow_event*>(raw);
    CHECK(text(event.client_id) == "sleeper");
    CHECK(event.queued_messages == 2);
    ++asked;
    patchbay_verdict verdict = answer(PATCHBAY_ALLOW);
    verdict.arg = action;
    return verdict;
  });
  stage.open();
  ConnectOptions sleeper = as("sleeper");
  sleeper.session_expiry_interval_s = 3'600;
  sleeper.clean_start = false;
  {
    TestClient client(stage.harness);
    client.connect(sleeper);
    client.subscribe("q");
    client.drop();
  }
  for (uint16_t id = 1; id <= 3; ++id) stage.publisher->publish("q", std::to_string(id), Qos::at_least_once, false, id);
  CHECK(asked == 1);
  TestClient client(stage.harness);
  client.connect(sleeper);
  std::string received;
  for (const ReceivedPublish& publish : client.publishes()) received += publish.payload;
  CHECK(received == (action == 1 ? "12" : "23"));
}

}  // namespace patchbay::test

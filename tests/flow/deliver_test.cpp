// Messages to a client: QoS, flags, identifiers, windows, resending, queues (MQTT 5.0 sections 3.3, 4.3 to 4.6, 4.9).

#include <catch2/catch.hpp>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "mqtt/codec/property_codec.h"
#include "support/flow_harness.h"
#include "support/test_client.h"

using namespace patchbay;
using namespace patchbay::test;
using base::Counter;
using mqtt::PacketType;
using mqtt::ProtocolVersion;
using mqtt::Qos;
using mqtt::ReasonCode;

namespace {

ConnectOptions named(std::string client_id, uint32_t expiry_s = 0, uint32_t receive_maximum = 65535) {
  ConnectOptions options;
  options.client_id = std::move(client_id);
  options.clean_start = expiry_s == 0;
  options.session_expiry_interval_s = expiry_s;
  options.receive_maximum = receive_maximum;
  return options;
}

mqtt::SubscriptionOptions with(bool no_local, bool retain_as_published, mqtt::RetainHandling handling) {
  return {Qos::exactly_once, no_local, retain_as_published, handling};
}

std::string payloads(const std::vector<ReceivedPublish>& publishes) {
  std::string text;
  for (const ReceivedPublish& publish : publishes) text += publish.payload + (publish.dup ? "! " : " ");
  return text;
}

struct Stage {
  explicit Stage(FlowOptions options = {}) : harness(std::move(options)), publisher(harness) {
    publisher.connect(named("publisher"));
  }
  void publish(int first, int last, Qos qos = Qos::at_least_once) {
    for (int i = first; i <= last; ++i) publisher.publish("t", std::to_string(i), qos);
    while (publisher.has_packets()) static_cast<void>(publisher.next_packet());
  }
  FlowHarness harness;
  TestClient publisher;
};

}  // namespace

TEST_CASE("deliver: the lower QoS of message and subscription, or the subscription's where upgraded [MQTT-3.8.4-8]") {
  for (const bool upgrade : {false, true}) {
    FlowOptions options;
    options.session.upgrade_qos = upgrade;
    Stage stage(options);
    for (int granted = 0; granted < 3; ++granted) {
      TestClient subscriber(stage.harness);
      subscriber.connect(named("subscriber"));
      const auto suback = subscriber.subscribe("t", static_cast<Qos>(granted));
      CHECK(suback.reason_codes == std::vector<uint8_t>{static_cast<uint8_t>(granted)});  // [MQTT-3.8.4-7]
      for (int sent = 0; sent < 3; ++sent) {
        stage.publisher.publish("t", "x", static_cast<Qos>(sent));
        const int expected = upgrade ? granted : std::min(granted, sent);
        CHECK(static_cast<int>(subscriber.one_publish().qos) == expected);
      }
      subscriber.disconnect();
    }
  }
}

TEST_CASE("deliver: no-local goes by client id, across the publisher's sessions [MQTT-3.8.3-3]") {
  Stage stage;
  stage.publisher.subscribe("t", Qos::exactly_once, 0, with(true, false, mqtt::RetainHandling::send));
  stage.publisher.publish("t", "own");
  CHECK(stage.publisher.publishes().empty());
  CHECK(stage.harness.counted(Counter::messages_dropped_no_local) == 1);
  TestClient other(stage.harness);
  other.connect(named("other"));
  other.publish("t", "x");
  CHECK(stage.publisher.one_publish().payload == "x");
  stage.publisher.publish("$delayed/5/t", "own, later");
  stage.publisher.drop();
  TestClient again(stage.harness);
  again.connect(named("publisher"));
  again.subscribe("t", Qos::exactly_once, 0, with(true, false, mqtt::RetainHandling::send));
  stage.harness.advance_ms(5'100);
  CHECK(again.publishes().empty());
}

TEST_CASE("deliver: 3.1.1 clients may be spared their own messages") {
  FlowOptions options;
  options.session.ignore_loop_deliver = true;
  FlowHarness harness(options);
  TestClient client(harness);
  ConnectOptions connect = named("c");
  connect.version = ProtocolVersion::v3_1_1;
  client.connect(connect);
  client.subscribe("t");
  client.subscribe("$share/g/s");
  client.publish("t", "x");
  CHECK(client.publishes().empty());
  client.publish("s", "x");
  CHECK(client.publishes().size() == 1);  // a group never loses a message to its publisher
}

TEST_CASE(
    "deliver: RETAIN as published where wanted, else clear, set for what was retained "
    "[MQTT-3.3.1-12], [MQTT-3.3.1-13]") {
  Stage stage;
  TestClient plain(stage.harness);
  plain.connect(named("plain"));
  plain.subscribe("t");
  TestClient bridge(stage.harness);
  bridge.connect(named("bridge"));
  bridge.subscribe("t", Qos::exactly_once, 0, with(false, true, mqtt::RetainHandling::send));
  stage.publisher.publish("t", "kept", Qos::at_most_once, true);
  CHECK_FALSE(plain.one_publish().retain);
  CHECK(bridge.one_publish().retain);
  stage.publisher.publish("t", "not kept");
  CHECK_FALSE(plain.one_publish().retain);
  CHECK_FALSE(bridge.one_publish().retain);
  TestClient late(stage.harness);
  late.connect(named("late"));
  late.subscribe("t");
  const ReceivedPublish got = late.one_publish();
  CHECK((got.retain && got.payload == "kept"));
}

TEST_CASE("deliver: retain handling 0, 1 and 2 [MQTT-3.3.1-9], [MQTT-3.3.1-10], [MQTT-3.3.1-11]") {
  Stage stage;
  stage.publisher.publish("t", "kept", Qos::at_least_once, true);
  const size_t expected[3][2] = {{1, 1}, {1, 0}, {0, 0}};
  for (uint8_t handling = 0; handling < 3; ++handling) {
    TestClient client(stage.harness);
    client.connect(named("client"));
    for (int time = 0; time < 2; ++time) {
      client.subscribe("t", Qos::at_least_once, 0, with(false, false, static_cast<mqtt::RetainHandling>(handling)));
      const auto got = client.publishes();
      CHECK(got.size() == expected[handling][time]);
      client.acknowledge_all(got);
    }
    client.disconnect();
  }
}

TEST_CASE(
    "deliver: subscription identifiers, all of overlapping ones in one copy "
    "[MQTT-3.3.4-2], [MQTT-3.3.4-3], [MQTT-3.3.4-4]") {
  Stage stage;
  TestClient client(stage.harness);
  client.connect(named("client"));
  client.subscribe("a/b", Qos::at_most_once, 7);
  client.subscribe("a/+", Qos::at_least_once, 268'435'455);
  client.subscribe("#", Qos::at_most_once);
  stage.publisher.publish("a/b", "x", Qos::exactly_once);
  const ReceivedPublish got = client.one_publish();
  CHECK(got.qos == Qos::at_least_once);
  CHECK(std::set<uint32_t>(got.subscription_identifiers.begin(), got.subscription_identifiers.end()) ==
        std::set<uint32_t>{7, 268'435'455});
  stage.publisher.publish("c", "x");
  CHECK(client.one_publish().subscription_identifiers.empty());
}

TEST_CASE("deliver: order holds for each QoS, whatever the window [MQTT-4.6.0-5], [MQTT-4.6.0-6], [MQTT-3.3.4-9]") {
  for (const Qos qos : {Qos::at_most_once, Qos::at_least_once, Qos::exactly_once}) {
    for (const uint32_t window : {1U, 2U, 5U, 65535U}) {
      Stage stage;
      TestClient client(stage.harness);
      client.connect(named("client", 0, window));
      client.subscribe("t");
      stage.publish(1, 60, qos);
      std::vector<ReceivedPublish> all;
      for (;;) {
        const auto some = client.publishes();
        if (some.empty()) break;
        if (qos != Qos::at_most_once) CHECK(some.size() <= std::min(window, 32U));  // mqtt.max_inflight is 32
        client.acknowledge_all(some);
        all.insert(all.end(), some.begin(), some.end());
      }
      REQUIRE(all.size() == 60);
      for (size_t i = 0; i < all.size(); ++i) REQUIRE(all[i].payload == std::to_string(i + 1));
      CHECK(stage.harness.counted(Counter::queued_messages) == 0);
      CHECK(stage.harness.counted(Counter::queued_bytes) == 0);
      CHECK(stage.harness.counted(Counter::messages_acked) == (qos == Qos::at_most_once ? 0 : 60));
    }
  }
}

TEST_CASE("deliver: a full window holds back no other packet, and QoS 0 only behind the queue [MQTT-3.3.4-10]") {
  Stage stage;
  TestClient client(stage.harness);
  client.connect(named("client", 0, 1));
  client.subscribe("t");
  stage.publish(1, 1);
  client.ping();
  CHECK(client.next_packet().type == PacketType::pingresp);
  stage.publish(2, 2, Qos::at_most_once);
  CHECK(payloads(client.publishes()) == "1 2 ");
  stage.publish(3, 3);
  stage.publish(4, 4, Qos::at_most_once);
  CHECK(client.publishes().empty());
  client.acknowledge(PacketType::puback, 1);
  CHECK(payloads(client.publishes()) == "3 4 ");
}

TEST_CASE(
    "deliver: what is unsettled comes again on resumption, DUP, same identifiers, in order "
    "[MQTT-3.3.1-1], [MQTT-4.4.0-1], [MQTT-4.6.0-1], [MQTT-4.3.3-6]") {
  Stage stage;
  TestClient first(stage.harness);
  first.connect(named("client", 100));
  first.subscribe("t");
  stage.publish(1, 3);
  stage.publish(4, 5, Qos::exactly_once);
  const auto before = first.publishes();
  REQUIRE(before.size() == 5);
  first.acknowledge(PacketType::puback, before[1].packet_id);
  first.acknowledge(PacketType::pubrec, before[4].packet_id);
  CHECK(first.next_packet().type == PacketType::pubrel);
  first.drop();
  stage.publish(6, 7);
  TestClient second(stage.harness);
  CHECK(second.connect(named("client", 100)).session_present);
  const auto again = second.publishes();
  CHECK(payloads(again) == "1! 3! 4! 6 7 ");
  CHECK(again[0].packet_id == before[0].packet_id);
  CHECK(again[2].packet_id == before[3].packet_id);
  const ReceivedPacket pubrel = second.next_packet();
  CHECK((pubrel.type == PacketType::pubrel && pubrel.packet_id == before[4].packet_id));
  second.acknowledge(PacketType::pubcomp, before[4].packet_id);
  second.acknowledge_all(again);
  CHECK(stage.harness.find_session("client")->inflight_messages() == 0);
  second.drop();
  TestClient third(stage.harness);
  third.connect(named("client", 100));
  CHECK(third.publishes().empty());
}

TEST_CASE("deliver: the new connection may have a smaller window [MQTT-3.3.4-9]") {
  Stage stage;
  TestClient first(stage.harness);
  first.connect(named("client", 100));
  first.subscribe("t");
  stage.publish(1, 6);
  CHECK(first.publishes().size() == 6);
  first.drop();
  TestClient second(stage.harness);
  second.connect(named("client", 100, 2));
  std::string all;
  for (auto some = second.publishes(); !some.empty(); some = second.publishes()) {
    CHECK(some.size() <= 2);
    all += payloads(some);
    second.acknowledge_all(some);
  }
  CHECK(all == "1! 2! 3! 4! 5! 6! ");
}

TEST_CASE("deliver: a PUBREC that refuses ends the flow; unknown acknowledgements do no harm [MQTT-4.4.0-2]") {
  Stage stage;
  TestClient client(stage.harness);
  client.connect(named("client", 100, 1));
  client.subscribe("t");
  stage.publish(1, 2, Qos::exactly_once);
  client.acknowledge(PacketType::pubrec, 1, ReasonCode::quota_exceeded);
  CHECK(payloads(client.publishes()) == "1 2 ");
  client.acknowledge(PacketType::pubrec, 999);
  const ReceivedPacket pubrel = client.next_packet();
  CHECK((pubrel.type == PacketType::pubrel && pubrel.reason == ReasonCode::packet_identifier_not_found));
  client.acknowledge(PacketType::puback, 999);
  client.acknowledge(PacketType::pubcomp, 999);
  client.acknowledge(PacketType::pubrec, 999, ReasonCode::quota_exceeded);
  CHECK_FALSE(client.has_packets());
  CHECK_FALSE(client.closed());
}

TEST_CASE("deliver: offline clients get what was queued, within the bounds") {
  for (const auto policy : {session::QueueDropPolicy::oldest, session::QueueDropPolicy::newest}) {
    FlowOptions options;
    options.session.maximum_queued_messages = 3;
    options.session.queue_drop_policy = policy;
    Stage stage(options);
    TestClient first(stage.harness);
    first.connect(named("client", 100));
    first.subscribe("t");
    first.drop();
    stage.publish(1, 5);
    CHECK(stage.harness.counted(Counter::queued_messages) == 3);
    CHECK(stage.harness.counted(Counter::messages_dropped_queue_full) == 2);
    TestClient second(stage.harness);
    second.connect(named("client", 100));
    CHECK(payloads(second.publishes()) == (policy == session::QueueDropPolicy::oldest ? "3 4 5 " : "1 2 3 "));
    CHECK(stage.harness.counted(Counter::queued_bytes) == 0);
  }
}

TEST_CASE("deliver: what waits for one client is bounded in bytes, too") {
  FlowOptions options;
  options.session.maximum_queued_bytes = 4'000;
  Stage stage(options);
  TestClient first(stage.harness);
  first.connect(named("client", 100));
  first.subscribe("t");
  first.drop();
  for (int i = 1; i <= 10; ++i) {
    stage.publisher.publish("t", std::to_string(i) + std::string(1'000, 'x'), Qos::at_least_once, false,
                            static_cast<uint16_t>(i));
  }
  const uint64_t kept = stage.harness.counted(Counter::queued_messages);
  CHECK((kept == 2 || kept == 3));  // a message is somewhat larger than its payload
  CHECK(stage.harness.counted(Counter::queued_bytes) <= 4'000);
  CHECK(stage.harness.counted(Counter::messages_dropped_queue_full) == 10 - kept);
  TestClient second(stage.harness);
  second.connect(named("client", 100));
  const std::vector<ReceivedPublish> publishes = second.publishes();
  REQUIRE(publishes.size() == kept);
  CHECK(publishes.back().payload.starts_with("10x"));
}

TEST_CASE("deliver: QoS 0 for the absent only where it is stored") {
  for (const bool stored : {false, true}) {
    FlowOptions options;
    options.session.queue_stores_qos0 = stored;
    Stage stage(options);
    TestClient first(stage.harness);
    first.connect(named("client", 100));
    first.subscribe("t");
    first.drop();
    stage.publish(1, 2, Qos::at_most_once);
    TestClient second(stage.harness);
    second.connect(named("client", 100));
    CHECK(second.publishes().size() == (stored ? 2 : 0));
    CHECK(stage.harness.counted(Counter::messages_dropped_qos0) == (stored ? 0 : 2));
  }
}

TEST_CASE("deliver: a client that does not take keeps its messages waiting in the session") {
  Stage stage;
  TestClient client(stage.harness);
  client.connect(named("client"));
  client.subscribe("t");
  client.stop_taking();
  stage.publish(1, 20);
  CHECK(client.publishes().empty());
  CHECK(stage.harness.counted(Counter::queued_messages) == 20);
  client.take_again();
  CHECK(client.publishes().size() == 20);
  CHECK(stage.harness.counted(Counter::queued_messages) == 0);
}

TEST_CASE("deliver: retained messages come in pages that fit a small queue, none is lost") {
  FlowOptions options;
  options.session.maximum_queued_messages = 10;
  options.session.maximum_inflight = 3;
  Stage stage(options);
  for (int i = 0; i < 200; ++i) stage.publisher.publish("r/" + std::to_string(i), "x", Qos::at_least_once, true);
  TestClient client(stage.harness);
  client.connect(named("client"));
  client.send_subscribe("r/#");
  std::set<std::string> topics;
  for (auto some = client.publishes(); !some.empty(); some = client.publishes()) {
    for (const ReceivedPublish& publish : some) topics.insert(publish.topic);
    while (client.has_packets() && topics.size() < 4) static_cast<void>(client.next_packet());  // the SUBACK
    client.acknowledge_all(some);
  }
  CHECK(topics.size() == 200);
  CHECK(stage.harness.counted(Counter::messages_dropped_queue_full) == 0);
}

TEST_CASE("deliver: large payloads arrive whole, for one and for many, in 3.1.1 and 5.0") {
  Stage stage;
  std::vector<std::unique_ptr<TestClient>> clients;
  for (int i = 0; i < 12; ++i) {
    clients.push_back(std::make_unique<TestClient>(stage.harness));
    ConnectOptions options = named("c" + std::to_string(i));
    options.version = i % 3 == 0 ? ProtocolVersion::v3_1_1 : ProtocolVersion::v5;
    clients.back()->connect(options);
    clients.back()->subscribe("t", static_cast<Qos>(i % 3), i % 4 == 1 && i % 3 != 0 ? 5 : 0);
  }
  for (const size_t size : {0, 100, 2047, 2048, 70'000}) {
    std::string payload(size, 'p');
    if (size > 0) payload.back() = '!';
    stage.publisher.publish("t", payload, Qos::exactly_once);
    for (size_t i = 0; i < clients.size(); ++i) {
      const ReceivedPublish got = clients[i]->one_publish();
      CHECK(got.payload == payload);
      CHECK(static_cast<size_t>(got.qos) == i % 3);
      clients[i]->acknowledge_all({got});
    }
  }
}

TEST_CASE("deliver: what is larger than the client accepts is dropped for it alone [MQTT-3.1.2-24], [MQTT-3.1.2-25]") {
  Stage stage;
  TestClient small(stage.harness);
  ConnectOptions options = named("small", 100, 1);
  options.maximum_packet_size = 100;
  small.connect(options);
  small.subscribe("t");
  TestClient large(stage.harness);
  large.connect(named("large"));
  large.subscribe("t");
  for (const Qos qos : {Qos::at_most_once, Qos::at_least_once, Qos::exactly_once}) {
    stage.publisher.publish("t", std::string(200, 'x'), qos);
    CHECK(small.publishes().empty());
    CHECK(large.one_publish().payload.size() == 200);
    stage.publisher.publish("t", "fits", Qos::at_least_once);  // the window is free
    const ReceivedPublish got = small.one_publish();
    CHECK(got.payload == "fits");
    small.acknowledge_all({got});
    large.acknowledge_all(large.publishes());
  }
  CHECK(stage.harness.counted(Counter::messages_dropped_too_large) == 3);
}

TEST_CASE("deliver: what was sent may be too large for the next connection [MQTT-3.1.2-25]") {
  Stage stage;
  TestClient first(stage.harness);
  first.connect(named("client", 100, 2));
  first.subscribe("t");
  stage.publisher.publish("t", std::string(300, 'x'), Qos::at_least_once);
  stage.publisher.publish("t", "small", Qos::exactly_once);
  first.drop();
  TestClient second(stage.harness);
  ConnectOptions options = named("client", 100, 1);
  options.maximum_packet_size = 100;
  second.connect(options);
  CHECK(payloads(second.publishes()) == "small! ");
  CHECK(stage.harness.find_session("client")->inflight_messages() == 1);
}

TEST_CASE(
    "deliver: topic aliases to the client, never above its maximum [MQTT-3.1.2-26], [MQTT-3.3.2-11], "
    "[MQTT-3.1.2-27]") {
  Stage stage;
  TestClient client(stage.harness);
  ConnectOptions options = named("client");
  options.topic_alias_maximum = 2;
  options.maximum_packet_size = 200;
  client.connect(options);
  client.subscribe("#", Qos::at_most_once);
  stage.publisher.publish("too/large", std::string(300, 'x'));  // takes no alias
  struct Expected {
    const char* topic;
    std::string topic_seen;
    uint16_t alias;
  };
  for (const Expected& expected : {Expected{"a", "a", 1}, {"b", "b", 2}, {"a", "", 1}, {"c", "c", 0}, {"b", "", 2}}) {
    stage.publisher.publish(expected.topic, "x");
    const ReceivedPublish got = client.one_publish();
    CHECK(got.topic == expected.topic_seen);
    CHECK(got.topic_alias == expected.alias);
  }
  TestClient none(stage.harness);
  none.connect(named("none"));
  none.subscribe("#");
  stage.publisher.publish("a", "x");
  CHECK(none.one_publish().topic_alias == 0);
}

// Messages that pass: QoS 0 without properties to one client that takes it at once goes from packet to packet without a
// block of its own. Nobody must be able to tell, and nothing that has a say in a message may be left out.

#include <catch2/catch.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "mqtt/codec/property_codec.h"
#include "support/chain_listener.h"
#include "support/flow_harness.h"
#include "support/test_client.h"

using namespace patchbay;
using namespace patchbay::test;
using base::Counter;
using mqtt::PropertyId;
using mqtt::ProtocolVersion;
using mqtt::Qos;
using mqtt::ReasonCode;

namespace {

ConnectOptions named(std::string client_id, ProtocolVersion version = ProtocolVersion::v5) {
  ConnectOptions options;
  options.client_id = std::move(client_id);
  options.version = version;
  return options;
}

FlowOptions one_shard(FlowOptions options = {}) {
  options.shards = 1;
  return options;
}

/// The connected side of a session, which notes how each message came.
class RecordingChannel final : public session::ClientChannel {
 public:
  [[nodiscard]] bool ready() const override { return is_ready; }
  [[nodiscard]] uint16_t send_window() const override { return 10; }
  [[nodiscard]] bool send_publish(const session::OutboundMessage& outbound, bool, session::PublishImages*) override {
    const std::span<const uint8_t> payload = outbound.message->payload();
    sent.push_back(std::string(outbound.message->topic()) + "=" + std::string(payload.begin(), payload.end()));
    return true;
  }
  [[nodiscard]] bool pass(const mqtt::PassingMessage& message) override {
    ++asked;
    if (!takes_passing || !is_ready) return false;
    passed.push_back(std::string(message.topic) + "=" + std::string(message.payload.begin(), message.payload.end()));
    return true;
  }
  void send_pubrel(uint16_t) override {}
  void end(session::CloseReason) override {}

  using Lines = std::vector<std::string>;
  bool is_ready = true;
  bool takes_passing = true;
  int asked = 0;
  Lines passed;
  Lines sent;
};

using Lines = RecordingChannel::Lines;

/// A publisher and a subscriber of "t", whose connection is a RecordingChannel, on one shard.
struct Stage {
  explicit Stage(FlowOptions options = {}, mqtt::SubscriptionOptions subscription = {}, uint32_t identifier = 0,
                 Qos qos = Qos::at_most_once)
      : harness(one_shard(std::move(options))), publisher(harness) {
    publisher.connect(named("publisher"));
    {
      ConnectOptions connect = named("subscriber");
      connect.session_expiry_interval_s = 100;
      TestClient subscriber(harness);
      subscriber.connect(connect);
      subscriber.subscribe("t", qos, identifier, subscription);
    }
    harness.turn(0, [this] { registry().attach(session(), channel); });
  }
  ~Stage() {
    harness.turn(0, [this] { registry().detach(session(), {}); });
  }
  session::SessionRegistry& registry() { return *harness.environment(0).registry; }
  session::Session& session() { return *harness.find_session("subscriber"); }
  /// So that the publisher knows where its messages go: the next one may pass.
  void make_known() {
    publisher.publish("t", "first");
    REQUIRE(channel.sent == Lines{"t=first"});
    REQUIRE(channel.asked == 0);
    channel.sent.clear();
  }

  FlowHarness harness;
  RecordingChannel channel;
  TestClient publisher;
};

/// Every counter that is not zero.
std::map<std::string, uint64_t> counted(const FlowHarness& harness) {
  std::map<std::string, uint64_t> all;
  for (size_t i = 0; i < base::kCounterCount; ++i) {
    const auto counter = static_cast<Counter>(i);
    if (harness.counted(counter) != 0) all[std::string(base::counter_info(counter).name)] = harness.counted(counter);
  }
  return all;
}

mqtt::SubscriptionOptions no_local() {
  mqtt::SubscriptionOptions options;
  options.no_local = true;
  return options;
}

}  // namespace

TEST_CASE("passing: from the second message on, what is plain passes as it came") {
  Stage stage;
  stage.make_known();
  stage.publisher.publish("t", "x");
  stage.publisher.publish("t", "");
  stage.publisher.publish("t", "y");
  CHECK(stage.channel.passed == Lines{"t=x", "t=", "t=y"});
  CHECK(stage.channel.sent.empty());
  CHECK(stage.harness.counted(Counter::messages_received_qos0) == 4);
  CHECK(stage.harness.counted(Counter::messages_delivered) == 4);
  CHECK(stage.harness.counted(Counter::messages_sent_qos0) == 4);
  CHECK(stage.session().messages()->sent[0] == 4);
  CHECK(stage.harness.find_session("publisher")->messages()->received[0] == 4);
  stage.publisher.publish("u", "nobody's");  // and the publisher has forgotten
  stage.publisher.publish("t", "z");
  CHECK(stage.channel.sent == Lines{"t=z"});
}

TEST_CASE("passing: a client of 3.1.1 and several packets in one read") {
  Stage stage;
  TestClient old(stage.harness);
  old.connect(named("old", ProtocolVersion::v3_1_1));
  old.publish("t", "1");
  const std::vector<uint8_t> packet = {0x30, 4, 0, 1, 't', '2'};
  std::vector<uint8_t> bytes = packet;
  bytes.insert(bytes.end(), packet.begin(), packet.end());
  bytes.insert(bytes.end(), packet.begin(), packet.begin() + 3);  // and the begin of a third
  old.send_bytes(bytes);
  CHECK(stage.channel.sent == Lines{"t=1"});
  CHECK(stage.channel.passed == Lines{"t=2", "t=2"});
  old.send_bytes({packet.begin() + 3, packet.end()});
  CHECK(stage.channel.passed.size() == 3);
}

TEST_CASE("passing: another QoS, RETAIN, properties and an alias go the ordinary way") {
  Stage stage;
  stage.make_known();
  mqtt::Publish packet;
  packet.topic = "t";
  SECTION("QoS 1") {
    packet.qos = Qos::at_least_once, packet.packet_id = 1;
  }
  SECTION("QoS 2") {
    packet.qos = Qos::exactly_once, packet.packet_id = 1;
  }
  SECTION("RETAIN") {
    packet.retain = true;
  }
  std::vector<uint8_t> properties;
  SECTION("a user property") {
    mqtt::append_user_property(properties, "name", "value");
  }
  SECTION("message expiry interval") {
    properties = {0x02, 0, 0, 0, 9};
  }
  SECTION("a topic alias") {
    properties = {0x23, 0, 1};
  }
  packet.properties = mqtt::publish_properties_of(properties);
  stage.publisher.publish(packet);
  CHECK(stage.channel.asked == 0);
  CHECK(stage.channel.sent == Lines{"t="});
}

TEST_CASE("passing: what the receiver's subscription changes goes the ordinary way") {
  const auto publish = [](Stage& stage) {
    stage.make_known();
    stage.publisher.publish("t", "x");
    CHECK(stage.channel.asked == 0);
    CHECK(stage.channel.sent == Lines{"t=x"});
  };
  SECTION("a subscription identifier [MQTT-3.3.4-3]") {
    Stage stage({}, {}, 7);
    publish(stage);
  }
  SECTION("No Local, which needs to know whose message it is [MQTT-3.8.3-3]") {
    Stage stage({}, no_local());
    publish(stage);
  }
  SECTION("a greater QoS, where the broker raises it") {
    FlowOptions options;
    options.session.upgrade_qos = true;
    Stage stage(options, {}, 0, Qos::at_least_once);
    publish(stage);
  }
  SECTION("a second receiver") {
    Stage stage;
    TestClient other(stage.harness);
    other.connect(named("other"));
    other.subscribe("#");
    publish(stage);
    CHECK(other.publishes().size() == 2);
  }
}

TEST_CASE("passing: what the configuration changes goes the ordinary way") {
  FlowOptions options;
  SECTION("an expiry interval for all") {
    options.session.message_expiry_interval_s = 60;
  }
  SECTION("a rewrite of topics") {
    options.rewrite = {{router::TopicRewrite::Action::publish, "other/#", "^.*$", "x"}};
  }
  Stage stage(options);
  stage.make_known();
  stage.publisher.publish("t", "x");
  CHECK(stage.channel.asked == 0);
  CHECK(stage.channel.sent == Lines{"t=x"});
}

TEST_CASE("passing: whoever has a say in a message, or is told of it, gets every one") {
  Stage stage;
  stage.make_known();
  hooks::HookPoints& points = stage.harness.hook_points;
  int told = 0;
  std::shared_ptr<void> listener;
  const auto listen = [&]<class Event>(base::ChainPoint<Event>& point, base::Phase phase,
                                       base::Verdict verdict = base::Verdict::proceeds()) {
    listener =
        std::make_shared<ChainListener<Event>>(stage.harness, point, phase, [&told, verdict](Event&, base::Token) {
          ++told;
          return verdict;
        });
  };
  int expected = 1;
  SECTION("packet.in") {
    listen(points.packet_in, base::Phase::observe);
  }
  SECTION("publish.rewrite") {
    listen(points.publish_rewrite, base::Phase::transform);
  }
  SECTION("publish.accept") {
    listen(points.publish_accept, base::Phase::decide);
  }
  SECTION("publish.routed") {
    listen(points.publish_routed, base::Phase::observe);
  }
  SECTION("publish.unrouted, which has nothing to say to it") {
    listen(points.publish_unrouted, base::Phase::observe);
    expected = 0;
  }
  SECTION("acl.deliver") {
    listen(points.acl_deliver, base::Phase::transform);
  }
  SECTION("deliver.before") {
    listen(points.deliver_before, base::Phase::transform);
  }
  SECTION("deliver.sent") {
    listen(points.deliver_sent, base::Phase::observe);
  }
  SECTION("acl.publish") {
    listen(stage.harness.access_points.authorize_publish, base::Phase::decide, base::Verdict::allows());
  }
  SECTION("acl.result") {
    listen(stage.harness.access_points.authorized, base::Phase::observe);
  }
  stage.publisher.publish("t", "x");
  CHECK(told == expected);
  CHECK(stage.channel.asked == 0);
  CHECK(stage.channel.sent == Lines{"t=x"});
  listener.reset();
  stage.publisher.publish("t", "y");
  CHECK(stage.channel.passed == Lines{"t=y"});
}

TEST_CASE("passing: while somebody who is to decide does not run, nothing passes") {
  Stage stage;
  stage.make_known();
  stage.harness.access_points.authorizer_absent = true;
  stage.publisher.publish("t", "x");
  CHECK(stage.channel.asked == 0);
  CHECK(stage.channel.sent.empty());
}

TEST_CASE("passing: packet.out is told of the bytes that a client gets") {
  FlowHarness harness(one_shard());
  TestClient publisher(harness);
  TestClient subscriber(harness);
  publisher.connect(named("publisher"));
  subscriber.connect(named("subscriber"));
  subscriber.subscribe("t");
  publisher.publish("t", "first");
  std::vector<std::string> topics;
  const auto listener = observe(harness, harness.hook_points.packet_out,
                                [&](hooks::PacketEvent& event) { topics.emplace_back(event.topic); });
  publisher.publish("t", "second");
  CHECK(topics == std::vector<std::string>{"t"});
  CHECK(subscriber.publishes().size() == 2);
}

TEST_CASE("passing: nothing passes what waits for the client") {
  Stage stage;
  stage.make_known();
  stage.channel.is_ready = false;
  stage.publisher.publish("t", "waits");
  CHECK(stage.channel.asked == 1);
  CHECK(stage.session().queued_messages() == 1);
  stage.channel.is_ready = true;
  stage.publisher.publish("t", "behind it");
  CHECK(stage.channel.asked == 1);
  CHECK(stage.session().queued_messages() == 2);
  stage.harness.turn(0, [&stage] { stage.session().pump(); });
  CHECK(stage.channel.sent == Lines{"t=waits", "t=behind it"});
  stage.publisher.publish("t", "x");
  CHECK(stage.channel.passed == Lines{"t=x"});
}

TEST_CASE("passing: what the channel cannot send as it is comes by the ordinary way") {
  Stage stage;
  stage.make_known();
  stage.channel.takes_passing = false;
  stage.publisher.publish("t", "x");
  CHECK(stage.channel.asked == 1);
  CHECK(stage.channel.sent == Lines{"t=x"});
  CHECK(stage.harness.counted(Counter::messages_delivered) == 2);
  CHECK(stage.harness.counted(Counter::messages_sent) == 2);
}

TEST_CASE("passing: to a session without a connection nothing passes, and to one that has ended nothing goes") {
  FlowHarness harness(one_shard());
  TestClient publisher(harness);
  publisher.connect(named("publisher"));
  ConnectOptions connect = named("subscriber");
  connect.session_expiry_interval_s = 10;
  TestClient subscriber(harness);
  subscriber.connect(connect);
  subscriber.subscribe("t");
  publisher.publish("t", "1");
  publisher.publish("t", "2");
  CHECK(subscriber.publishes().size() == 2);
  subscriber.drop();
  publisher.publish("t", "3");
  CHECK(harness.find_session("subscriber")->queued_messages() == 1);
  harness.advance_ms(11'000);
  CHECK(harness.find_session("subscriber") == nullptr);
  publisher.publish("t", "4");
  CHECK(harness.counted(Counter::messages_dropped_no_subscribers) == 1);
}

TEST_CASE("passing: a client that takes less than a message, aliases, and payloads of every kind of size") {
  FlowHarness harness(one_shard());
  TestClient publisher(harness);
  publisher.connect(named("publisher", ProtocolVersion::v3_1_1));
  TestClient subscriber(harness);
  ConnectOptions connect = named("subscriber");
  SECTION("any size, with and without an alias") {
    connect.topic_alias_maximum = GENERATE(uint16_t{0}, uint16_t{1});
    subscriber.connect(connect);
    subscriber.subscribe("t");
    for (const size_t size : {0U, 1U, 100U, 125U, 126U, 127U, 2'047U, 2'048U, 2'049U, 20'000U}) {
      const std::string payload(size, 'p');
      for (int i = 0; i < 2; ++i) publisher.publish("t", payload);
      const std::vector<ReceivedPublish> got = subscriber.publishes();
      REQUIRE(got.size() == 2);
      for (const ReceivedPublish& publish : got) {
        CHECK(publish.payload == payload);
        CHECK((publish.topic == "t" || publish.topic_alias != 0));
      }
    }
  }
  SECTION("a maximum packet size [MQTT-3.1.2-25]") {
    connect.maximum_packet_size = 20;
    subscriber.connect(connect);
    subscriber.subscribe("t");
    for (const size_t size : {10U, 14U, 15U, 14U}) publisher.publish("t", std::string(size, 'p'));
    CHECK(subscriber.publishes().size() == 3);
    CHECK(harness.counted(Counter::messages_dropped_too_large) == 1);
  }
}

TEST_CASE("passing: a malformed packet behind known topics is refused as ever [MQTT-4.8.0-1]") {
  const std::vector<std::vector<uint8_t>> malformed = {
      {0x30, 1, 0},                      // half a length
      {0x30, 3, 0, 2, 't'},              // a topic longer than the packet
      {0x30, 3, 0, 1, 't'},              // no property length
      {0x30, 6, 0, 1, 't', 1, 0x01, 2},  // a payload format indicator that is cut off, or 2
      {0x30, 5, 0, 1, 't', 0x80, 0x80},  // a property length that never ends
      {0x38, 4, 0, 1, 't', 0},           // DUP without QoS [MQTT-3.3.1-2]
      {0x36, 6, 0, 1, 't', 0, 1, 0},     // QoS 3 [MQTT-3.3.1-4]
      {0x30, 4, 0, 1, '#', 0},           // a wildcard in a topic name [MQTT-3.3.2-2]
      {0x30, 4, 0, 1, 0, 0},             // U+0000 [MQTT-1.5.4-2]
      {0x30, 3, 0, 0, 0},                // neither topic nor alias
  };
  for (const std::vector<uint8_t>& bytes : malformed) {
    INFO("first byte " << int{bytes[0]} << ", size " << bytes.size());
    FlowHarness harness(one_shard());
    TestClient subscriber(harness);
    subscriber.connect(named("subscriber"));
    subscriber.subscribe("t");
    TestClient fresh(harness);
    fresh.connect(named("fresh"));
    fresh.send_bytes(bytes);
    TestClient publisher(harness);
    publisher.connect(named("publisher"));
    publisher.publish("t", "1");
    publisher.publish("t", "2");
    publisher.send_bytes(bytes);
    CHECK(publisher.closed());
    CHECK(publisher.close_reason() == fresh.close_reason());
    CHECK(publisher.next_packet().reason == fresh.next_packet().reason);
    CHECK(subscriber.publishes().size() == 2);
  }
}

TEST_CASE("passing: the same messages, counted the same, as by the ordinary way, whatever happens in between") {
  const auto run = [](bool ordinary, uint64_t seed) {
    FlowHarness harness;  // two shards: what crosses them doesn't pass here
    std::unique_ptr<ChainListener<hooks::DeliveryEvent>> listener;
    if (ordinary) listener = observe(harness, harness.hook_points.deliver_sent, [](hooks::DeliveryEvent&) {});
    base::SeededRandom random(seed);
    const auto below = [&random](uint64_t bound) { return random.below(bound); };
    std::vector<std::unique_ptr<TestClient>> clients;
    for (int i = 0; i < 6; ++i) {
      clients.push_back(std::make_unique<TestClient>(harness));
      ConnectOptions connect =
          named("client-" + std::to_string(i), i % 2 == 0 ? ProtocolVersion::v5 : ProtocolVersion::v3_1_1);
      if (i % 2 == 0) connect.maximum_packet_size = i == 2 ? 40 : 0;
      clients.back()->connect(connect);
    }
    std::string log;
    for (int step = 0; step < 600; ++step) {
      TestClient& client = *clients[below(clients.size())];
      const std::string topic = "t/" + std::to_string(below(3));
      const uint64_t what = below(40);
      if (what == 0) {
        client.take_again();  // so that the answer comes
        client.subscribe(below(8) == 0 ? "t/+" : topic, static_cast<Qos>(below(2)));
      } else if (what == 1) {
        client.take_again();
        client.unsubscribe(topic);
      } else if (what == 2) {
        client.publish(topic, "one", Qos::at_least_once, false, 9);
      } else if (what == 3) {
        client.stop_taking();
      } else if (what == 4) {
        client.take_again();
      } else {
        const uint64_t times = 1 + below(3);
        for (uint64_t i = 0; i < times; ++i)
          client.publish(topic, std::string(below(60), 'p') + std::to_string(step), Qos::at_most_once, what == 5);
      }
    }
    for (auto& client : clients) {
      client->take_again();
      while (client->has_packets()) client->next_packet();
      for (const ReceivedPublish& got : client->publishes())
        log += got.topic + "=" + got.payload + (got.retain ? " retained " : " ") +
               std::to_string(static_cast<int>(got.qos)) + "\n";
      log += "--\n";
    }
    for (const auto& [name, count] : counted(harness)) log += name + " " + std::to_string(count) + "\n";
    return log;
  };
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    const std::string passing = run(false, seed);
    REQUIRE(passing == run(true, seed));
    CHECK(passing.size() > 1'000);
  }
}

// PUBLISH from a client: QoS, identifiers, aliases, properties, limits, access (MQTT 5.0 sections 3.3, 4.3).

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "mqtt/codec/property_codec.h"
#include "support/chain_listener.h"
#include "support/flow_harness.h"
#include "support/test_client.h"

using namespace patchbay;
using namespace patchbay::test;
using base::Counter;
using mqtt::PacketType;
using mqtt::PropertyId;
using mqtt::ProtocolVersion;
using mqtt::Qos;
using mqtt::ReasonCode;
using session::CloseReason;

namespace {

/// A publisher on one shard and a subscriber of "#" on the other.
struct Pair {
  explicit Pair(FlowOptions options = {}, ProtocolVersion version = ProtocolVersion::v5)
      : harness(std::move(options)), publisher(harness), subscriber(harness) {
    ConnectOptions connect;
    connect.version = version;
    connect.client_id = "publisher";
    publisher.connect(connect);
    connect.version = ProtocolVersion::v5;
    connect.client_id = other_shard_id();
    subscriber.connect(connect);
    subscriber.subscribe("#");
  }
  static std::string other_shard_id() {
    for (int i = 0;; ++i) {
      const std::string id = "subscriber-" + std::to_string(i);
      if (session::home_shard(id, 2) != session::home_shard("publisher", 2)) return id;
    }
  }
  FlowHarness harness;
  TestClient publisher;
  TestClient subscriber;
};

mqtt::Publish packet(std::string_view topic, const std::vector<uint8_t>& properties) {
  mqtt::Publish publish;
  publish.topic = topic;
  publish.properties = mqtt::publish_properties_of(properties);
  return publish;
}

}  // namespace

TEST_CASE("publish: QoS 0, 1 and 2, each with its answers [MQTT-4.3.2-4], [MQTT-4.3.3-8], [MQTT-4.3.3-11]") {
  for (const ProtocolVersion version : {ProtocolVersion::v3_1_1, ProtocolVersion::v5}) {
    Pair pair({}, version);
    pair.publisher.publish("t", "0");
    CHECK(pair.subscriber.one_publish().qos == Qos::at_most_once);
    CHECK_FALSE(pair.publisher.has_packets());
    pair.publisher.publish("t", "1", Qos::at_least_once, false, 7);
    const ReceivedPacket puback = pair.publisher.next_packet();
    CHECK((puback.type == PacketType::puback && puback.packet_id == 7 && puback.reason == ReasonCode::success));
    CHECK(pair.subscriber.one_publish().payload == "1");
    pair.publisher.publish("t", "2", Qos::exactly_once, false, 8);
    const ReceivedPacket pubrec = pair.publisher.next_packet();
    CHECK((pubrec.type == PacketType::pubrec && pubrec.packet_id == 8));
    CHECK(pair.subscriber.one_publish().qos == Qos::exactly_once);
    pair.publisher.acknowledge(PacketType::pubrel, 8);
    const ReceivedPacket pubcomp = pair.publisher.next_packet();
    CHECK((pubcomp.type == PacketType::pubcomp && pubcomp.packet_id == 8 && pubcomp.reason == ReasonCode::success));
    CHECK(pair.harness.counted(Counter::messages_received) == 3);
    CHECK(pair.harness.counted(Counter::messages_received_qos2) == 1);
  }
}

TEST_CASE("publish: QoS 2 that comes again is answered, not routed [MQTT-4.3.3-10], [MQTT-4.3.3-12]") {
  Pair pair;
  for (const bool dup : {false, true, true}) {
    pair.publisher.publish("t", "once", Qos::exactly_once, false, 5, dup);
    CHECK(pair.publisher.next_packet().type == PacketType::pubrec);
  }
  CHECK(pair.subscriber.one_publish().payload == "once");
  pair.publisher.acknowledge(PacketType::pubrel, 5);
  CHECK(pair.publisher.next_packet().reason == ReasonCode::success);
  pair.publisher.acknowledge(PacketType::pubrel, 5);
  CHECK(pair.publisher.next_packet().reason == ReasonCode::packet_identifier_not_found);
  pair.publisher.publish("t", "twice", Qos::exactly_once, false, 5);
  CHECK(pair.subscriber.one_publish().payload == "twice");
}

TEST_CASE("publish: QoS 1 with the same identifier is a new message [MQTT-4.3.2-5]") {
  Pair pair;
  for (int i = 0; i < 2; ++i) pair.publisher.publish("t", "x", Qos::at_least_once, false, 5, i == 1);
  CHECK(pair.subscriber.publishes().size() == 2);
}

TEST_CASE("publish: DUP of the publisher is not passed on [MQTT-3.3.1-3]") {
  Pair pair;
  pair.publisher.publish("t", "x", Qos::at_least_once, false, 5, true);
  CHECK_FALSE(pair.subscriber.one_publish().dup);
}

TEST_CASE("publish: QoS 2 stays known across connections, exactly once") {
  FlowHarness harness;
  ConnectOptions options;
  options.client_id = "publisher";
  options.clean_start = false;
  options.session_expiry_interval_s = 100;
  TestClient first(harness);
  first.connect(options);
  first.subscribe("t");
  first.publish("t", "x", Qos::exactly_once, false, 5);
  first.drop();
  TestClient second(harness);
  second.connect(options);
  CHECK(second.publishes().size() == 1);
  second.publish("t", "x", Qos::exactly_once, false, 5, true);
  CHECK(second.publishes().empty());
}

TEST_CASE("publish: more than the receive maximum ends the connection [MQTT-3.3.4-7]") {
  FlowOptions options;
  options.session.receive_maximum = 3;
  Pair pair(options);
  for (uint16_t id = 1; id <= 3; ++id) pair.publisher.publish("t", "x", Qos::exactly_once, false, id);
  CHECK_FALSE(pair.publisher.closed());
  pair.publisher.publish("t", "x", Qos::exactly_once, false, 3, true);  // a repetition is no new one
  pair.publisher.publish("t", "x");                                     // nor does QoS 0 count
  for (int i = 0; i < 4; ++i) CHECK(pair.publisher.next_packet().type == PacketType::pubrec);
  CHECK_FALSE(pair.publisher.closed());
  pair.publisher.publish("t", "x", Qos::at_least_once, false, 4);
  CHECK(pair.publisher.next_packet().reason == ReasonCode::receive_maximum_exceeded);
  CHECK(pair.publisher.closed());
  CHECK(pair.harness.counted(Counter::publish_quota_exceeded) == 1);
}

TEST_CASE("publish: a 3.1.1 client may have so many QoS 2 messages unreleased, and no more") {
  FlowOptions options;
  options.session.maximum_awaiting_rel = 2;
  options.session.await_rel_timeout_ms = 5'000;
  Pair pair(options, ProtocolVersion::v3_1_1);
  for (uint16_t id = 1; id <= 2; ++id) pair.publisher.publish("t", "x", Qos::exactly_once, false, id);
  pair.publisher.publish("t", "x", Qos::at_least_once, false, 9);
  CHECK_FALSE(pair.publisher.closed());
  pair.harness.advance_ms(5'000);
  pair.publisher.publish("t", "x", Qos::exactly_once, false, 3);  // the first two were never released: forgotten
  CHECK_FALSE(pair.publisher.closed());
  CHECK(pair.harness.counted(Counter::messages_dropped_await_rel) == 2);
  pair.publisher.publish("t", "x", Qos::exactly_once, false, 4);
  pair.publisher.publish("t", "x", Qos::exactly_once, false, 5);
  CHECK(pair.publisher.closed());
}

TEST_CASE("publish: topic aliases of the client [MQTT-3.3.2-7], [MQTT-3.3.2-9], [MQTT-3.2.2-17]") {
  FlowOptions options;
  options.session.topic_alias_maximum = 2;
  Pair pair(options);
  std::vector<uint8_t> alias;
  mqtt::append_property(alias, PropertyId::topic_alias, uint32_t{2});
  pair.publisher.publish(packet("long/topic", alias));
  CHECK(pair.subscriber.one_publish().topic == "long/topic");
  pair.publisher.publish(packet("", alias));
  CHECK(pair.subscriber.one_publish().topic == "long/topic");
  pair.publisher.publish(packet("other", alias));
  pair.publisher.publish(packet("", alias));
  const auto got = pair.subscriber.publishes();
  REQUIRE(got.size() == 2);
  CHECK(got[1].topic == "other");
  CHECK(got[1].topic_alias == 0);
  SECTION("an alias that was never set") {
    alias.clear();
    mqtt::append_property(alias, PropertyId::topic_alias, uint32_t{1});
    pair.publisher.publish(packet("", alias));
    CHECK(pair.publisher.next_packet().reason == ReasonCode::protocol_error);
  }
  SECTION("above the maximum") {
    alias.clear();
    mqtt::append_property(alias, PropertyId::topic_alias, uint32_t{3});
    pair.publisher.publish(packet("t", alias));
    CHECK(pair.publisher.next_packet().reason == ReasonCode::topic_alias_invalid);
  }
  CHECK(pair.publisher.closed());
}

TEST_CASE("publish: nobody subscribed is told to 5.0 clients only") {
  FlowHarness harness;
  for (const ProtocolVersion version : {ProtocolVersion::v3_1_1, ProtocolVersion::v5}) {
    TestClient client(harness);
    ConnectOptions options;
    options.version = version;
    client.connect(options);
    const ReasonCode told = version == ProtocolVersion::v5 ? ReasonCode::no_matching_subscribers : ReasonCode::success;
    client.publish("t", "x", Qos::at_least_once);
    CHECK(client.next_packet().reason == told);
    client.publish("t", "x", Qos::exactly_once, false, 9);
    CHECK(client.next_packet().reason == told);
    client.acknowledge(PacketType::pubrel, 9);
    CHECK(client.next_packet().reason == ReasonCode::success);  // 0x10 is no failure: the flow goes on
  }
  CHECK(harness.counted(Counter::messages_dropped_no_subscribers) == 4);
  CHECK(harness.counted(Counter::messages_dropped) == 4);
}

TEST_CASE("publish: QoS and RETAIN that the server does not have [MQTT-3.2.2-11], [MQTT-3.2.2-14]") {
  FlowOptions options;
  options.session.maximum_qos = Qos::at_most_once;
  options.session.retain_available = false;
  {
    Pair pair(options);
    pair.publisher.publish("t", "x", Qos::at_least_once);
    CHECK(pair.publisher.next_packet().reason == ReasonCode::qos_not_supported);
  }
  Pair pair(options);
  pair.publisher.publish("t", "x", Qos::at_most_once, true);
  CHECK(pair.publisher.next_packet().reason == ReasonCode::retain_not_supported);
}

TEST_CASE("publish: limits of topics and of user properties") {
  FlowOptions options;
  options.session.maximum_topic_size = 20;
  options.session.maximum_topic_levels = 3;
  options.session.maximum_user_properties = 2;
  std::vector<uint8_t> properties;
  for (int i = 0; i < 3; ++i) mqtt::append_user_property(properties, "k", "v");
  const std::pair<mqtt::Publish, ReasonCode> refused[] = {
      {packet("a/topic/longer/than/twenty", {}), ReasonCode::topic_name_invalid},
      {packet("1/2/3/4", {}), ReasonCode::topic_name_invalid},
      {packet("t", properties), ReasonCode::quota_exceeded}};
  for (const auto& [publish, reason] : refused) {
    Pair pair(options);
    pair.publisher.publish(packet("1/2/3", {}));
    CHECK_FALSE(pair.publisher.closed());
    pair.publisher.publish(publish);
    CHECK(pair.publisher.next_packet().reason == reason);
    CHECK(pair.publisher.close_reason() == CloseReason::limit);
  }
}

TEST_CASE(
    "publish: properties reach the subscriber unchanged and in order [MQTT-3.3.2-4], [MQTT-3.3.2-15], "
    "[MQTT-3.3.2-16], [MQTT-3.3.2-17], [MQTT-3.3.2-18], [MQTT-3.3.2-20]") {
  Pair pair;
  std::vector<uint8_t> properties;
  mqtt::append_user_property(properties, "z", "1");
  mqtt::append_property(properties, PropertyId::payload_format_indicator, uint32_t{1});
  mqtt::append_property(properties, PropertyId::response_topic, "answer/here");
  mqtt::append_user_property(properties, "a", "2");
  mqtt::append_property(properties, PropertyId::correlation_data, std::string_view("\0\xFF", 2));
  mqtt::append_property(properties, PropertyId::content_type, "text/plain");
  mqtt::append_user_property(properties, "z", "3");
  pair.publisher.publish(packet("t", properties));
  const ReceivedPublish got = pair.subscriber.one_publish();
  CHECK(got.payload_format_indicator == 1);
  CHECK(got.response_topic == "answer/here");
  CHECK(got.correlation_data == std::string_view("\0\xFF", 2));
  CHECK(got.content_type == "text/plain");
  using Properties = std::vector<std::pair<std::string, std::string>>;
  CHECK(got.user_properties == Properties{{"z", "1"}, {"a", "2"}, {"z", "3"}});
  CHECK_FALSE(got.message_expiry_interval_s.has_value());
}

TEST_CASE("publish: message expiry counts down, and ends a message that waits [MQTT-3.3.2-5], [MQTT-3.3.2-6]") {
  FlowHarness harness;
  TestClient publisher(harness);
  publisher.connect();
  ConnectOptions options;
  options.client_id = "sleeper";
  options.clean_start = false;
  options.session_expiry_interval_s = 1000;
  TestClient first(harness);
  first.connect(options);
  first.subscribe("t");
  first.drop();
  for (const uint32_t expiry_s : {10, 60}) {
    std::vector<uint8_t> properties;
    mqtt::append_property(properties, PropertyId::message_expiry_interval, expiry_s);
    publisher.publish(packet("t", properties));
  }
  harness.advance_ms(20'000);
  TestClient second(harness);
  second.connect(options);
  CHECK(second.one_publish().message_expiry_interval_s == 40);
  CHECK(harness.counted(Counter::messages_dropped_expired) == 1);
}

TEST_CASE("publish: the configured expiry is for messages that bring none") {
  FlowOptions options;
  options.session.message_expiry_interval_s = 30;
  Pair pair(options);
  pair.publisher.publish("t", "x");
  CHECK(pair.subscriber.one_publish().message_expiry_interval_s == 30);
  std::vector<uint8_t> properties;
  mqtt::append_property(properties, PropertyId::message_expiry_interval, uint32_t{99});
  pair.publisher.publish(packet("t", properties));
  CHECK(pair.subscriber.one_publish().message_expiry_interval_s == 99);
}

TEST_CASE("publish: what is not allowed is not routed; 5.0 is told, 3.1.1 is acknowledged [MQTT-4.3.3-9]") {
  for (const ProtocolVersion version : {ProtocolVersion::v3_1_1, ProtocolVersion::v5}) {
    Pair pair({}, version);
    const ChainListener<access::AuthorizeEvent> authorizer(
        pair.harness, pair.harness.access_points.authorize_publish, base::Phase::decide,
        [](access::AuthorizeEvent& event, base::Token) {
          return event.topic == "forbidden" ? base::Verdict::denies() : base::Verdict::allows();
        });
    const bool told = version == ProtocolVersion::v5;
    pair.publisher.publish("forbidden", "x", Qos::at_least_once);
    CHECK(pair.publisher.next_packet().reason == (told ? ReasonCode::not_authorized : ReasonCode::success));
    pair.publisher.publish("forbidden", "x", Qos::exactly_once, false, 77);
    CHECK(pair.publisher.next_packet().reason == (told ? ReasonCode::not_authorized : ReasonCode::success));
    pair.publisher.publish("forbidden", "x");
    CHECK(pair.subscriber.publishes().empty());
    if (told) {
      // The flow has ended with the refusal: the identifier stands for a new message.
      pair.publisher.publish("allowed", "x", Qos::exactly_once, false, 77);
      CHECK(pair.subscriber.publishes().size() == 1);
    } else {
      // The client knows of no refusal: until PUBREL the identifier is the same message.
      pair.publisher.publish("allowed", "x", Qos::exactly_once, false, 77, true);
      CHECK(pair.subscriber.publishes().empty());
      pair.publisher.acknowledge(PacketType::pubrel, 77);
      pair.publisher.publish("allowed", "x", Qos::exactly_once, false, 77);
      CHECK(pair.subscriber.publishes().size() == 1);
    }
    CHECK(pair.harness.counted(Counter::packets_publish_auth_error) == 3);
  }
}

TEST_CASE("publish: a denied PUBLISH may end the connection") {
  FlowOptions options;
  options.session.disconnect_on_denied_publish = true;
  Pair pair(options);
  const ChainListener<access::AuthorizeEvent> authorizer(
      pair.harness, pair.harness.access_points.authorize_publish, base::Phase::decide,
      [](access::AuthorizeEvent&, base::Token) { return base::Verdict::denies(); });
  pair.publisher.publish("t", "x", Qos::at_least_once);
  CHECK(pair.publisher.next_packet().reason == ReasonCode::not_authorized);
  CHECK(pair.publisher.close_reason() == CloseReason::not_authorized);
}

TEST_CASE("publish: $SYS belongs to the broker, also behind $delayed") {
  Pair pair;
  for (const char* topic : {"$SYS/brokers", "$delayed/1/$SYS/brokers"}) {
    pair.publisher.publish(topic, "x", Qos::at_least_once);
    CHECK(pair.publisher.next_packet().reason == ReasonCode::not_authorized);
  }
}

TEST_CASE("publish: $delayed holds a message back; a malformed one is refused") {
  Pair pair;
  pair.publisher.publish("$delayed/5/later", "x", Qos::at_least_once);
  CHECK(pair.publisher.next_packet().reason == ReasonCode::success);
  pair.harness.advance_ms(4'900);
  CHECK(pair.subscriber.publishes().empty());
  pair.harness.advance_ms(200);
  CHECK(pair.subscriber.one_publish().topic == "later");
  pair.publisher.publish("$delayed/soon/later", "x", Qos::at_least_once);
  CHECK(pair.publisher.next_packet().reason == ReasonCode::topic_name_invalid);
}

TEST_CASE("publish: topics are rewritten before anybody is asked about them") {
  FlowOptions options;
  options.rewrite = {{router::TopicRewrite::Action::publish, "x/#", "^x/(.+)$", "$SYS/$1"},
                     {router::TopicRewrite::Action::publish, "y/#", "^y/(.+)$", "z/$1/${clientid}"}};
  Pair pair(options);
  pair.publisher.publish("y/1", "x");
  CHECK(pair.subscriber.one_publish().topic == "z/1/publisher");
  pair.publisher.publish("x/1", "x", Qos::at_least_once);
  CHECK(pair.publisher.next_packet().reason == ReasonCode::not_authorized);
}

TEST_CASE("publish: retained messages are bounded in number and size, and end with their time") {
  FlowOptions options;
  options.router.maximum_retained_messages = 2;
  options.router.maximum_retained_payload_bytes = 10;
  options.router.retained_expiry_s = 5;
  FlowHarness harness(options);
  TestClient publisher(harness);
  publisher.connect();
  publisher.publish("r/1", "one", Qos::at_most_once, true);
  publisher.publish("r/2", "two", Qos::at_most_once, true);
  publisher.publish("r/3", "three", Qos::at_most_once, true);               // one too many
  publisher.publish("r/1", std::string(11, 'x'), Qos::at_most_once, true);  // too large to be kept
  CHECK(harness.counted(Counter::retained) <= 2);
  CHECK(harness.counted(Counter::messages_dropped_retain_limit) == 2);
  const auto retained = [&harness](std::string client_id) {
    TestClient subscriber(harness);
    ConnectOptions connect;
    connect.client_id = std::move(client_id);
    subscriber.connect(connect);
    subscriber.subscribe("r/#");
    return subscriber.publishes().size();
  };
  CHECK(retained("early") == harness.counted(Counter::retained));
  harness.advance_ms(5'100);
  CHECK(retained("late") == 0);
}

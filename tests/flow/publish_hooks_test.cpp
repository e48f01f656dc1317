// PUBLISH and the hooks: answers that come later, replaced messages, acknowledgements held back.

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "support/chain_listener.h"
#include "support/flow_harness.h"
#include "support/test_client.h"

using namespace patchbay;
using namespace patchbay::test;
using base::Counter;
using base::Verdict;
using hooks::PublishAcceptEvent;
using mqtt::PacketType;
using mqtt::ProtocolVersion;
using mqtt::Qos;
using mqtt::ReasonCode;

namespace {

struct Stage {
  explicit Stage(FlowOptions options = {}) : harness(std::move(options)), publisher(harness), subscriber(harness) {
    ConnectOptions connect;
    connect.client_id = "publisher";
    connect.clean_start = false;
    connect.session_expiry_interval_s = 100;
    publisher.connect(connect);
    connect.client_id = "subscriber";
    subscriber.connect(connect);
    subscriber.subscribe("#");
  }
  void complete(base::Token token, Verdict verdict) {
    CHECK(harness.completions.complete(token, verdict) == base::CompletionStatus::accepted);
  }
  FlowHarness harness;
  TestClient publisher;
  TestClient subscriber;
};

Verdict replaces(std::string_view topic, std::string_view payload) {
  mqtt::MessageFields fields;
  fields.topic = topic;
  fields.payload = {reinterpret_cast<const uint8_t*>(payload.data()), payload.size()};
  fields.qos = Qos::at_least_once;
  return Verdict::replaces_with(std::make_unique<hooks::ReplacementMessage>(mqtt::Message::create(fields)));
}

using Accept = ChainListener<PublishAcceptEvent>;

}  // namespace

TEST_CASE("hooks: a deferred authorization holds back its client alone, and what comes behind keeps its order") {
  Stage stage;
  std::vector<base::Token> open;
  const ChainListener<access::AuthorizeEvent> authorizer(stage.harness, stage.harness.access_points.authorize_publish,
                                                         base::Phase::decide,
                                                         [&open](access::AuthorizeEvent& event, base::Token token) {
                                                           if (!event.topic.starts_with("slow"))
                                                             return Verdict::allows();
                                                           open.push_back(token);
                                                           return Verdict::defers();
                                                         });
  stage.publisher.publish("slow", "1", Qos::at_least_once);
  stage.publisher.publish("fast", "2", Qos::at_least_once);
  stage.publisher.ping();
  CHECK(stage.publisher.reading_paused());
  CHECK(stage.subscriber.publishes().empty());
  TestClient other(stage.harness);
  other.connect();
  other.publish("fast", "other");
  CHECK(stage.subscriber.one_publish().payload == "other");
  stage.complete(open.at(0), Verdict::allows());
  CHECK(stage.publisher.next_packet().type == PacketType::puback);
  CHECK(stage.publisher.next_packet().type == PacketType::puback);
  CHECK(stage.publisher.next_packet().type == PacketType::pingresp);
  const auto got = stage.subscriber.publishes();
  REQUIRE(got.size() == 2);
  CHECK(got[0].payload == "1");
  stage.publisher.publish("slow/2", "3", Qos::at_least_once);
  stage.complete(open.at(1), Verdict::denies());
  CHECK(stage.publisher.next_packet().reason == ReasonCode::not_authorized);
  CHECK(stage.subscriber.publishes().empty());
}

TEST_CASE("hooks: an authorization that never comes denies after its deadline") {
  Stage stage;
  const ChainListener<access::AuthorizeEvent> authorizer(
      stage.harness, stage.harness.access_points.authorize_publish, base::Phase::decide,
      [](access::AuthorizeEvent&, base::Token) { return Verdict::defers(); });
  stage.publisher.publish("t", "x", Qos::at_least_once);
  stage.harness.advance_ms(2'100);
  CHECK(stage.publisher.next_packet().reason == ReasonCode::not_authorized);
  CHECK(stage.harness.counted(Counter::deferral_timeout) == 1);
}

TEST_CASE("hooks: a QoS 2 PUBLISH that waited when its client went is no repetition afterwards [MQTT-4.3.3-10]") {
  Stage stage;
  base::Token open;
  auto accept = std::make_unique<Accept>(stage.harness, stage.harness.hook_points.publish_accept, base::Phase::decide,
                                         [&open](PublishAcceptEvent&, base::Token token) {
                                           open = token;
                                           return Verdict::defers();
                                         });
  stage.publisher.publish("t", "must arrive", Qos::exactly_once, false, 9);
  stage.publisher.drop();
  CHECK(stage.harness.completions.complete(open, Verdict::allows()) == base::CompletionStatus::stale);
  accept.reset();
  TestClient again(stage.harness);
  ConnectOptions connect;
  connect.client_id = "publisher";
  connect.clean_start = false;
  CHECK(again.connect(connect).session_present);
  again.publish("t", "must arrive", Qos::exactly_once, false, 9, true);
  CHECK(again.next_packet().type == PacketType::pubrec);
  CHECK(stage.subscriber.one_publish().payload == "must arrive");
}

TEST_CASE("hooks: publish.accept may deny with a reason, or drop quietly") {
  Stage stage;
  const Accept accept(stage.harness, stage.harness.hook_points.publish_accept, base::Phase::decide,
                      [](PublishAcceptEvent& event, base::Token) {
                        if (event.message->topic() == "drop") return Verdict::drops();
                        if (event.message->topic() == "odd") return Verdict::denies(0x8A);
                        return event.message->topic() == "deny" ? Verdict::denies(0x99) : Verdict::proceeds();
                      });
  stage.publisher.publish("odd", "x", Qos::at_least_once);
  CHECK(stage.publisher.next_packet().reason == ReasonCode::not_authorized);  // [MQTT-3.4.2-1] PUBACK has no "banned"
  stage.publisher.publish("deny", "x", Qos::exactly_once);
  CHECK(stage.publisher.next_packet().reason == ReasonCode::payload_format_invalid);
  stage.publisher.publish("drop", "x", Qos::at_least_once);
  CHECK(stage.publisher.next_packet().reason == ReasonCode::success);
  stage.publisher.publish("pass", "x", Qos::at_least_once);
  CHECK(stage.publisher.next_packet().reason == ReasonCode::success);
  CHECK(stage.subscriber.one_publish().topic == "pass");
  CHECK(stage.harness.counted(Counter::messages_dropped_hook) == 3);
}

TEST_CASE("hooks: what publish.accept puts in place is authorized again and keeps its origin") {
  Stage stage;
  const ChainListener<access::AuthorizeEvent> authorizer(
      stage.harness, stage.harness.access_points.authorize_publish, base::Phase::decide,
      [](access::AuthorizeEvent& event, base::Token) {
        return event.topic.starts_with("admin/") ? Verdict::denies() : Verdict::allows();
      });
  std::vector<base::Token> open;
  const Accept accept(stage.harness, stage.harness.hook_points.publish_accept, base::Phase::transform,
                      [&open](PublishAcceptEvent& event, base::Token token) {
                        if (event.message->topic() == "a") return replaces("b", "changed");
                        if (event.message->topic() == "up") return replaces("admin/x", "changed");
                        if (event.message->topic() == "wild") return replaces("a/#", "changed");
                        open.push_back(token);
                        return Verdict::defers();
                      });
  std::string routed_by;
  const auto observer =
      observe(stage.harness, stage.harness.hook_points.publish_routed,
              [&routed_by](hooks::PublishRoutedEvent& event) { routed_by = event.message->publisher_client_id(); });
  stage.publisher.publish("a", "x", Qos::at_least_once);
  const ReceivedPublish got = stage.subscriber.one_publish();
  CHECK((got.topic == "b" && got.payload == "changed"));
  CHECK(routed_by == "publisher");
  CHECK(stage.publisher.next_packet().reason == ReasonCode::success);
  stage.publisher.publish("up", "x", Qos::at_least_once);
  CHECK(stage.publisher.next_packet().reason == ReasonCode::not_authorized);
  stage.publisher.publish("wild", "x", Qos::at_least_once);
  CHECK(stage.publisher.next_packet().reason == ReasonCode::topic_name_invalid);
  stage.publisher.publish("later", "x", Qos::at_least_once);
  stage.complete(open.at(0), replaces("d", "later"));
  CHECK(stage.subscriber.one_publish().topic == "d");
}

TEST_CASE("hooks: a held acknowledgement leaves when it may, those behind it in order [MQTT-4.6.0-2], [MQTT-4.6.0-3]") {
  Stage stage;
  std::vector<base::Token> held;
  const Accept accept(stage.harness, stage.harness.hook_points.publish_accept, base::Phase::decide,
                      [&held](PublishAcceptEvent& event, base::Token token) {
                        if (event.message->topic() != "held") return Verdict::proceeds();
                        held.push_back(token);
                        return Verdict::holds_ack();
                      });
  size_t routed = 0;
  const auto observer = observe(stage.harness, stage.harness.hook_points.publish_routed,
                                [&routed](hooks::PublishRoutedEvent&) { ++routed; });
  stage.publisher.publish("held", "1", Qos::at_least_once, false, 1);
  stage.publisher.publish("held", "2", Qos::exactly_once, false, 2);
  stage.publisher.publish("free", "3", Qos::at_least_once, false, 3);
  CHECK(stage.subscriber.publishes().size() == 3);  // routed at once
  CHECK(routed == 3);
  CHECK_FALSE(stage.publisher.has_packets());
  stage.complete(held.at(1), Verdict::allows());
  CHECK_FALSE(stage.publisher.has_packets());
  stage.complete(held.at(0), Verdict::allows());
  for (uint16_t id = 1; id <= 3; ++id) {
    const ReceivedPacket answer = stage.publisher.next_packet();
    CHECK(answer.packet_id == id);
    CHECK(answer.type == (id == 2 ? PacketType::pubrec : PacketType::puback));
    CHECK(answer.reason == ReasonCode::success);
  }
  stage.publisher.publish("held", "4", Qos::exactly_once, false, 4);
  stage.complete(held.at(2), Verdict::denies(0x97));
  CHECK(stage.publisher.next_packet().reason == ReasonCode::quota_exceeded);
  stage.publisher.publish("free", "5", Qos::exactly_once, false, 4);  // the identifier is free again
  CHECK(stage.publisher.next_packet().reason == ReasonCode::success);
  stage.publisher.publish("held", "6", Qos::at_least_once, false, 6);
  stage.publisher.drop();
  CHECK(stage.harness.completions.complete(held.at(3), Verdict::allows()) == base::CompletionStatus::stale);
}

TEST_CASE("hooks: held acknowledgements count against the receive maximum, each once [MQTT-3.3.4-7]") {
  FlowOptions options;
  options.session.receive_maximum = 4;
  Stage stage(options);
  const Accept accept(stage.harness, stage.harness.hook_points.publish_accept, base::Phase::decide,
                      [](PublishAcceptEvent&, base::Token) { return Verdict::holds_ack(); });
  for (uint16_t id = 1; id <= 4; ++id)
    stage.publisher.publish("t", "x", id % 2 == 0 ? Qos::at_least_once : Qos::exactly_once, false, id);
  CHECK_FALSE(stage.publisher.closed());
  stage.publisher.publish("t", "x", Qos::at_least_once, false, 5);
  CHECK(stage.publisher.closed());
}

TEST_CASE("hooks: publish.rewrite changes the topic, and the new one is validated") {
  Stage stage;
  const ChainListener<hooks::PublishRewriteEvent> rewrite(
      stage.harness, stage.harness.hook_points.publish_rewrite, base::Phase::transform,
      [](hooks::PublishRewriteEvent& event, base::Token) {
        return Verdict::replaces_with(std::make_unique<hooks::ReplacementText>("new/" + std::string(event.topic)));
      });
  stage.publisher.publish("t", "x");
  CHECK(stage.subscriber.one_publish().topic == "new/t");
}

TEST_CASE("hooks: publish.rewrite is no way around access control or validation") {
  Stage stage;
  const ChainListener<access::AuthorizeEvent> authorizer(
      stage.harness, stage.harness.access_points.authorize_publish, base::Phase::decide,
      [](access::AuthorizeEvent& event, base::Token) {
        return event.topic.starts_with("admin/") ? Verdict::denies() : Verdict::allows();
      });
  std::string becoming = "admin/t";
  const ChainListener<hooks::PublishRewriteEvent> rewrite(
      stage.harness, stage.harness.hook_points.publish_rewrite, base::Phase::transform,
      [&becoming](hooks::PublishRewriteEvent&, base::Token) {
        return Verdict::replaces_with(std::make_unique<hooks::ReplacementText>(becoming));
      });
  stage.publisher.publish("t", "x", Qos::at_least_once);
  CHECK(stage.publisher.next_packet().reason == ReasonCode::not_authorized);
  becoming = "a/+";
  stage.publisher.publish("t", "x", Qos::at_least_once);
  CHECK(stage.publisher.next_packet().reason == ReasonCode::topic_name_invalid);
  becoming = "\xFF";  // no topic at all: as it was
  stage.publisher.publish("t", "x", Qos::at_least_once);
  CHECK(stage.subscriber.one_publish().topic == "t");
}

TEST_CASE("hooks: deliver.before changes or withholds a message for one receiver") {
  Stage stage;
  TestClient other(stage.harness);
  ConnectOptions connect;
  connect.client_id = "other";
  other.connect(connect);
  other.subscribe("#");
  const ChainListener<hooks::DeliverBeforeEvent> before(
      stage.harness, stage.harness.hook_points.deliver_before, base::Phase::transform,
      [](hooks::DeliverBeforeEvent& event, base::Token) {
        if (event.client == nullptr || event.client->client_id() != "other") return Verdict::proceeds();
        return event.message->topic() == "secret" ? Verdict::drops() : replaces("t", "censored");
      });
  stage.publisher.publish("t", "open");
  CHECK(stage.subscriber.one_publish().payload == "open");
  CHECK(other.one_publish().payload == "censored");
  stage.publisher.publish("secret", "x");
  CHECK(stage.subscriber.publishes().size() == 1);
  CHECK(other.publishes().empty());
}

TEST_CASE("hooks: deliver.acked and deliver.dropped are told, with the reason") {
  FlowOptions options;
  options.session.maximum_queued_messages = 1;
  Stage stage(options);
  std::vector<std::string> heard;
  const auto acked =
      observe(stage.harness, stage.harness.hook_points.deliver_acked, [&heard](hooks::DeliveryEvent& event) {
        heard.push_back("acked " + std::string(event.message->topic()) + " " + std::string(event.client_id));
      });
  const auto dropped =
      observe(stage.harness, stage.harness.hook_points.deliver_dropped, [&heard](hooks::DeliveryEvent& event) {
        heard.push_back("dropped " + std::string(event.message->topic()) + " " + std::string(event.reason));
        CHECK(event.client == nullptr);
      });
  stage.publisher.publish("one", "x", Qos::at_least_once);
  stage.publisher.publish("two", "x", Qos::exactly_once);
  stage.subscriber.acknowledge_all(stage.subscriber.publishes());
  stage.subscriber.drop();
  stage.publisher.publish("three", "x", Qos::at_least_once);
  stage.publisher.publish("four", "x", Qos::at_least_once);
  CHECK(heard == std::vector<std::string>{"acked one subscriber", "acked two subscriber", "dropped three queue_full"});
}

TEST_CASE("hooks: a retain flag or QoS that publish.accept or will.publish puts on a message is authorized, too") {
  Stage stage;
  const ChainListener<access::AuthorizeEvent> authorizer(
      stage.harness, stage.harness.access_points.authorize_publish, base::Phase::decide,
      [](access::AuthorizeEvent& event, base::Token) {
        return event.retain || event.qos == Qos::exactly_once ? Verdict::denies() : Verdict::allows();
      });
  const auto changed = [](const mqtt::Message& message) {
    mqtt::MessageFields fields = message.fields();
    if (message.topic() == "keep") fields.retain = true;
    if (message.topic() == "raise") fields.qos = Qos::exactly_once;
    return Verdict::replaces_with(std::make_unique<hooks::ReplacementMessage>(mqtt::Message::create(fields)));
  };
  const Accept accept(stage.harness, stage.harness.hook_points.publish_accept, base::Phase::transform,
                      [&changed](PublishAcceptEvent& event, base::Token) { return changed(*event.message); });
  const ChainListener<hooks::WillPublishEvent> wills(
      stage.harness, stage.harness.hook_points.will_publish, base::Phase::transform,
      [&changed](hooks::WillPublishEvent& event, base::Token) { return changed(*event.message); });
  for (const char* topic : {"keep", "raise"}) {
    stage.publisher.publish(topic, "x", Qos::at_least_once);
    CHECK(stage.publisher.next_packet().reason == ReasonCode::not_authorized);
    TestClient mortal(stage.harness);
    ConnectOptions connect;
    connect.has_will = true;
    connect.will_topic = topic;
    mortal.connect(connect);
    mortal.drop();
  }
  CHECK(stage.subscriber.publishes().empty());
  stage.publisher.publish("plain", "x", Qos::at_least_once);
  CHECK(stage.subscriber.one_publish().topic == "plain");
}

// queue.overflow and the observers of deliveries: called wherever it happens, with the reason.

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "session/session.h"
#include "support/chain_listener.h"
#include "support/flow_harness.h"
#include "support/test_client.h"

using namespace patchbay;
using namespace patchbay::test;
using base::Counter;
using base::Verdict;
using hooks::DeliveryEvent;
using hooks::QueueOverflowEvent;
using mqtt::PacketType;
using mqtt::Qos;
using mqtt::ReasonCode;

namespace {

using Overflow = ChainListener<QueueOverflowEvent>;
using Heard = std::vector<std::string>;

struct Stage {
  explicit Stage(FlowOptions options = {}) : harness(std::move(options)), publisher(harness), subscriber(harness) {
    ConnectOptions connect;
    connect.client_id = "publisher";
    publisher.connect(connect);
    connect_subscriber();
    subscriber.subscribe("#");
    listen(harness.hook_points.deliver_sent, "sent");
    listen(harness.hook_points.deliver_acked, "acked");
    listen(harness.hook_points.deliver_dropped, "dropped");
    listen(harness.hook_points.deliver_expired, "expired");
  }
  void connect_subscriber(uint32_t session_expiry_interval_s = 100) {
    ConnectOptions connect;
    connect.client_id = "subscriber";
    connect.clean_start = false;
    connect.session_expiry_interval_s = session_expiry_interval_s;
    connect.maximum_packet_size = 1000;
    subscriber.connect(connect);
  }
  void listen(base::ChainPoint<DeliveryEvent>& point, std::string name) {
    listeners.push_back(observe(harness, point, [this, name = std::move(name)](DeliveryEvent& event) {
      std::string line =
          name + " " + std::string(event.message->topic()) + " qos" + std::to_string(static_cast<int>(event.qos));
      if (!event.reason.empty()) line += " " + std::string(event.reason);
      if (event.client == nullptr) line += " (offline)";
      heard.push_back(std::move(line));
    }));
  }
  Heard take() { return std::exchange(heard, {}); }

  FlowHarness harness;
  TestClient publisher;
  TestClient subscriber;
  Heard heard;
  std::vector<std::unique_ptr<ChainListener<DeliveryEvent>>> listeners;
};

Verdict action(QueueOverflowEvent::Action wanted) {
  Verdict verdict = Verdict::allows();
  verdict.argument = static_cast<uint64_t>(wanted);
  return verdict;
}

}  // namespace

TEST_CASE("deliver.sent and deliver.acked: each QoS, refusals with their reason code, repetitions") {
  Stage stage;
  stage.publisher.publish("zero", "x");
  CHECK(stage.take() == Heard{"sent zero qos0"});
  stage.publisher.publish("one", "x", Qos::at_least_once);
  stage.publisher.publish("two", "x", Qos::exactly_once);
  CHECK(stage.take() == Heard{"sent one qos1", "sent two qos2"});
  const auto got = stage.subscriber.publishes();
  stage.subscriber.acknowledge(PacketType::puback, got.at(1).packet_id);
  stage.subscriber.acknowledge(PacketType::pubrec, got.at(2).packet_id);
  stage.subscriber.acknowledge(PacketType::pubcomp, got.at(2).packet_id);
  CHECK(stage.take() == Heard{"acked one qos1", "acked two qos2"});
  stage.publisher.publish("one", "x", Qos::at_least_once);
  stage.publisher.publish("two", "x", Qos::exactly_once);
  stage.take();
  const auto refused = stage.subscriber.publishes();
  stage.subscriber.acknowledge(PacketType::puback, refused.at(0).packet_id, ReasonCode::quota_exceeded);
  stage.subscriber.acknowledge(PacketType::pubrec, refused.at(1).packet_id, ReasonCode::not_authorized);
  const Heard answers = stage.take();
  REQUIRE(answers.size() == 2);
  CHECK(answers[0] == "acked one qos1 " + std::string(mqtt::reason_code_name(ReasonCode::quota_exceeded)));
  CHECK(answers[1] == "acked two qos2 " + std::string(mqtt::reason_code_name(ReasonCode::not_authorized)));
  stage.publisher.publish("again", "x", Qos::at_least_once);
  stage.subscriber.drop();
  stage.take();
  TestClient back(stage.harness);
  ConnectOptions connect;
  connect.client_id = "subscriber";
  connect.clean_start = false;
  back.connect(connect);
  CHECK(back.one_publish().dup);
  CHECK(stage.take() == Heard{"sent again qos1"});  // sent again is sent
}

TEST_CASE("deliver.dropped: every reason is told") {
  FlowOptions options;
  options.session.maximum_queued_messages = 2;
  options.session.queue_stores_qos0 = false;
  Stage stage(options);
  stage.publisher.publish("large", std::string(2000, 'x'), Qos::at_least_once);
  stage.publisher.publish("large", std::string(2000, 'x'));
  CHECK(stage.take() == Heard{"dropped large qos1 too_large", "dropped large qos0 too_large"});
  mqtt::SubscriptionOptions no_local;
  no_local.no_local = true;
  stage.publisher.subscribe("own", Qos::at_least_once, 0, no_local);
  stage.publisher.publish("own", "x");
  CHECK(stage.take() == Heard{"dropped own qos0 no_local", "sent own qos0"});
  {
    const ChainListener<hooks::DeliverBeforeEvent> before(
        stage.harness, stage.harness.hook_points.deliver_before, base::Phase::transform,
        [](hooks::DeliverBeforeEvent&, base::Token) { return Verdict::drops(); });
    stage.publisher.publish("withheld", "x");
    CHECK(stage.take() == Heard{"dropped withheld qos0 hook"});
  }
  stage.subscriber.drop();
  stage.publisher.publish("zero", "x");
  for (const char* topic : {"a", "b", "c"}) stage.publisher.publish(topic, "x", Qos::at_least_once);
  CHECK(stage.take() == Heard{"dropped zero qos0 qos0 (offline)", "dropped a qos1 queue_full (offline)"});
  stage.harness.advance_ms(101'000);  // the session expires, and what waited in it
  CHECK(stage.take() == Heard{"dropped b qos1 session_ended (offline)", "dropped c qos1 session_ended (offline)"});
}

TEST_CASE("deliver.dropped: a shared message that no member is left for [MQTT-4.8.2-5]") {
  Stage stage;
  stage.subscriber.unsubscribe("#");
  stage.subscriber.subscribe("$share/g/s");
  stage.publisher.publish("s", "x", Qos::at_least_once);
  CHECK(stage.subscriber.one_publish().topic == "s");
  stage.take();
  stage.subscriber.disconnect(ReasonCode::success, 0);
  CHECK(stage.take() == Heard{"dropped s qos1 session_gone (offline)"});
}

TEST_CASE("deliver.expired: told for itself, not as dropped [MQTT-3.3.2-5]") {
  Stage stage;
  stage.subscriber.drop();
  mqtt::Publish packet;
  packet.topic = "old";
  packet.qos = Qos::at_least_once;
  packet.packet_id = 1;
  packet.properties.has_message_expiry_interval = true;
  packet.properties.message_expiry_interval_s = 1;
  stage.publisher.publish(packet);
  stage.harness.advance_ms(2'000);
  TestClient back(stage.harness);
  ConnectOptions connect;
  connect.client_id = "subscriber";
  connect.clean_start = false;
  back.connect(connect);
  CHECK(stage.take() == Heard{"expired old qos1"});
  CHECK(stage.harness.counted(Counter::messages_dropped_expired) == 1);
}

TEST_CASE("queue.overflow chooses for one message what gives way; else the configured policy does") {
  using Action = QueueOverflowEvent::Action;
  FlowOptions options;
  options.session.maximum_queued_messages = 2;
  Stage stage(options);
  Action wanted = Action::drop_new;
  size_t asked = 0;
  const Overflow overflow(stage.harness, stage.harness.hook_points.queue_overflow, base::Phase::decide,
                          [&](QueueOverflowEvent& event, base::Token) {
                            ++asked;
                            CHECK(event.client == nullptr);
                            CHECK(event.client_id == "subscriber");
                            CHECK(event.queued_messages == 2);
                            CHECK(event.queued_bytes > 0);
                            CHECK(event.qos == Qos::at_least_once);
                            return wanted == Action::configured ? Verdict::proceeds() : action(wanted);
                          });
  stage.subscriber.drop();
  for (const char* topic : {"a", "b"}) stage.publisher.publish(topic, "x", Qos::at_least_once);
  CHECK(asked == 0);
  stage.publisher.publish("new", "x", Qos::at_least_once);
  CHECK(stage.take() == Heard{"dropped new qos1 queue_full (offline)"});
  wanted = Action::drop_oldest;
  stage.publisher.publish("c", "x", Qos::at_least_once);
  CHECK(stage.take() == Heard{"dropped a qos1 queue_full (offline)"});
  wanted = Action::configured;
  stage.publisher.publish("d", "x", Qos::at_least_once);
  CHECK(stage.take() == Heard{"dropped b qos1 queue_full (offline)"});
  wanted = Action::disconnect;  // nobody is there to disconnect
  stage.publisher.publish("e", "x", Qos::at_least_once);
  CHECK(stage.take() == Heard{"dropped e qos1 queue_full (offline)"});
  CHECK(asked == 4);
}

TEST_CASE("queue.overflow may end a client that does not keep up; its session keeps what it has") {
  FlowOptions options;
  options.session.maximum_queued_messages = 2;
  Stage stage(options);
  const Overflow overflow(stage.harness, stage.harness.hook_points.queue_overflow, base::Phase::decide,
                          [](QueueOverflowEvent& event, base::Token) {
                            CHECK(event.client->client_id() == "subscriber");
                            return action(QueueOverflowEvent::Action::disconnect);
                          });
  stage.subscriber.stop_taking();
  for (const char* topic : {"a", "b", "c"}) stage.publisher.publish(topic, "x", Qos::at_least_once);
  CHECK(stage.subscriber.closed());
  CHECK(stage.subscriber.close_reason() == session::CloseReason::slow_consumer);
  CHECK(stage.take() == Heard{"dropped c qos1 queue_full"});
  TestClient back(stage.harness);
  ConnectOptions connect;
  connect.client_id = "subscriber";
  connect.clean_start = false;
  back.connect(connect);
  CHECK(back.publishes().size() == 2);
}

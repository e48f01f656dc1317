// Wills: when they are published, and when not (MQTT 5.0 sections 3.1.2.5, 3.1.3.2, 3.14.4).

#include <catch2/catch.hpp>
#include <string>

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

ConnectOptions mortal(uint32_t expiry_s = 0, uint32_t delay_s = 0) {
  ConnectOptions options;
  options.client_id = "mortal";
  options.clean_start = false;
  options.session_expiry_interval_s = expiry_s;
  options.has_will = true;
  options.will_delay_interval_s = delay_s;
  return options;
}

struct Stage {
  explicit Stage(FlowOptions options = {}) : harness(std::move(options)), mourner(harness) {
    mourner.connect();
    mourner.subscribe("#");
  }
  size_t heard() { return mourner.publishes().size(); }
  FlowHarness harness;
  TestClient mourner;
};

}  // namespace

TEST_CASE("will: published when the network fails, in every version [MQTT-3.1.2-7], [MQTT-3.1.2-8]") {
  for (const ProtocolVersion version : {ProtocolVersion::v3_1, ProtocolVersion::v3_1_1, ProtocolVersion::v5}) {
    Stage stage;
    TestClient client(stage.harness);
    ConnectOptions options = mortal();
    options.version = version;
    options.will_qos = Qos::at_least_once;
    client.connect(options);
    CHECK(stage.heard() == 0);
    client.drop();
    const ReceivedPublish got = stage.mourner.one_publish();
    CHECK((got.topic == "will" && got.payload == "gone" && got.qos == Qos::at_least_once && !got.retain));
    CHECK(stage.harness.counted(Counter::will_published) == 1);
  }
}

TEST_CASE("will: not after a normal DISCONNECT [MQTT-3.14.4-3], [MQTT-3.1.2-10]") {
  Stage stage;
  for (const ProtocolVersion version : {ProtocolVersion::v3_1_1, ProtocolVersion::v5}) {
    TestClient client(stage.harness);
    ConnectOptions options = mortal();
    options.version = version;
    client.connect(options);
    client.disconnect();
    CHECK(client.closed());
  }
  CHECK(stage.heard() == 0);
}

TEST_CASE("will: DISCONNECT may ask for it, and an error does") {
  for (const ReasonCode reason : {ReasonCode::disconnect_with_will_message, ReasonCode::unspecified_error}) {
    Stage stage;
    TestClient client(stage.harness);
    client.connect(mortal());
    client.disconnect(reason);
    CHECK(stage.heard() == 1);
  }
}

TEST_CASE("will: keep alive, protocol errors, kicks and take-over are no normal ends") {
  Stage stage;
  TestClient silent(stage.harness);
  ConnectOptions options = mortal();
  options.keep_alive_s = 2;
  silent.connect(options);
  stage.harness.advance_ms(3'100);
  CHECK(stage.heard() == 1);
  TestClient wrong(stage.harness);
  wrong.connect(mortal());
  wrong.send_bytes({0xD0, 0x00});
  CHECK(stage.heard() == 1);
  TestClient kicked(stage.harness);
  kicked.connect(mortal());
  kicked.kick(session::CloseReason::kicked);
  CHECK(stage.heard() == 1);
  TestClient first(stage.harness);
  first.connect(mortal(100));
  TestClient second(stage.harness);
  second.connect(mortal(100));
  CHECK(stage.heard() == 1);
  second.disconnect(ReasonCode::success, 0);
  CHECK(stage.heard() == 0);
}

TEST_CASE("will: waits for its delay, and is not sent when the client is back [MQTT-3.1.3-9]") {
  Stage stage;
  TestClient first(stage.harness);
  first.connect(mortal(100, 10));
  first.drop();
  stage.harness.advance_ms(9'900);
  CHECK(stage.heard() == 0);
  TestClient second(stage.harness);
  CHECK(second.connect(mortal(100, 10)).session_present);
  stage.harness.advance_ms(1'000);
  CHECK(stage.heard() == 0);
  TestClient third(stage.harness);
  third.connect(mortal(100, 10));  // a take-over within the delay sends nothing either
  CHECK(stage.heard() == 0);
  third.drop();
  stage.harness.advance_ms(10'100);
  CHECK(stage.heard() == 1);
  stage.harness.advance_ms(100'000);
  CHECK(stage.heard() == 0);
}

TEST_CASE("will: the session's end comes before the rest of the delay [MQTT-3.1.2-8]") {
  Stage stage;
  TestClient expired(stage.harness);
  expired.connect(mortal(5, 60));
  expired.drop();
  stage.harness.advance_ms(5'100);
  CHECK(stage.heard() == 1);
  TestClient immediate(stage.harness);
  immediate.connect(mortal(0, 60));
  immediate.drop();
  CHECK(stage.heard() == 1);
  TestClient discarded(stage.harness);
  discarded.connect(mortal(100, 60));
  discarded.drop();
  ConnectOptions clean = mortal(100, 60);
  clean.clean_start = true;
  TestClient fresh(stage.harness);
  fresh.connect(clean);
  CHECK(stage.heard() == 1);
}

TEST_CASE("will: may be retained [MQTT-3.1.2-14], [MQTT-3.1.2-15]") {
  for (const bool retain : {false, true}) {
    Stage stage;
    TestClient client(stage.harness);
    ConnectOptions options = mortal();
    options.will_retain = retain;
    client.connect(options);
    client.drop();
    TestClient late(stage.harness);
    options.client_id = "late";
    options.has_will = false;
    late.connect(options);
    late.subscribe("will");
    CHECK(late.publishes().size() == (retain ? 1 : 0));
  }
}

TEST_CASE("will: its properties come along, and its expiry counts from its publication [MQTT-3.1.3-10]") {
  Stage stage;
  std::vector<uint8_t> users;
  mqtt::append_user_property(users, "b", "1");
  mqtt::append_user_property(users, "a", "2");
  TestClient client(stage.harness);
  ConnectOptions options = mortal(100, 20);
  options.adjust = [&users](mqtt::Connect& connect) {
    connect.will.properties.set_user_properties(users, 2);
    connect.will.properties.set(PropertyId::message_expiry_interval, 10);
    connect.will.properties.set(PropertyId::content_type, "text");
  };
  client.connect(options);
  stage.harness.advance_ms(60'000);
  client.drop();
  stage.harness.advance_ms(20'100);
  const ReceivedPublish got = stage.mourner.one_publish();
  CHECK(got.message_expiry_interval_s == 10);
  CHECK(got.content_type == "text");
  CHECK(got.user_properties == std::vector<std::pair<std::string, std::string>>{{"b", "1"}, {"a", "2"}});
}

TEST_CASE("will: what its client may not publish is not published, also to $SYS and behind $delayed") {
  Stage stage;
  for (const char* topic : {"$SYS/x", "$delayed/1/$SYS/x", "$delayed/x/y"}) {
    TestClient client(stage.harness);
    ConnectOptions options = mortal();
    options.will_topic = topic;
    client.connect(options);
    client.drop();
  }
  CHECK(stage.harness.counted(Counter::packets_publish_auth_error) == 3);
  CHECK(stage.harness.counted(Counter::will_published) == 0);
  base::Token open;
  const ChainListener<access::AuthorizeEvent> authorizer(stage.harness, stage.harness.access_points.authorize_publish,
                                                         base::Phase::decide,
                                                         [&open](access::AuthorizeEvent&, base::Token token) {
                                                           open = token;
                                                           return base::Verdict::defers();
                                                         });
  TestClient client(stage.harness);
  client.connect(mortal());
  client.drop();
  CHECK(stage.harness.counted(Counter::sessions) == 1);  // the answer comes when the session is gone
  CHECK(stage.heard() == 0);
  stage.harness.completions.complete(open, base::Verdict::allows());
  CHECK(stage.heard() == 1);
}

TEST_CASE("will: will.publish may change, hold or drop it") {
  Stage stage;
  base::Token open;
  const ChainListener<hooks::WillPublishEvent> listener(
      stage.harness, stage.harness.hook_points.will_publish, base::Phase::transform,
      [&open](hooks::WillPublishEvent& event, base::Token token) {
        if (event.message->topic() == "drop") return base::Verdict::drops();
        if (event.message->topic() == "later") {
          open = token;
          return base::Verdict::defers();
        }
        mqtt::MessageFields fields = event.message->fields();
        fields.topic = event.message->topic() == "up" ? "$SYS/up" : "changed";
        return base::Verdict::replaces_with(std::make_unique<hooks::ReplacementMessage>(mqtt::Message::create(fields)));
      });
  const auto die_with = [&stage](std::string topic) {
    TestClient client(stage.harness);
    ConnectOptions options = mortal();
    options.will_topic = std::move(topic);
    client.connect(options);
    client.drop();
  };
  die_with("drop");
  die_with("up");
  CHECK(stage.heard() == 0);
  die_with("plain");
  CHECK(stage.mourner.one_publish().topic == "changed");
  die_with("later");
  CHECK(stage.heard() == 0);
  stage.harness.completions.complete(open, base::Verdict::proceeds());
  CHECK(stage.mourner.one_publish().topic == "later");
}

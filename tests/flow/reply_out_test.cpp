// reply.out: what hooks add to the broker's answers, and what they cannot do to them.

#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <vector>

#include "support/chain_listener.h"
#include "support/flow_harness.h"
#include "support/test_client.h"

using namespace patchbay;
using namespace patchbay::test;
using base::Verdict;
using hooks::ReplyOutEvent;
using mqtt::PacketType;
using mqtt::PropertyId;
using mqtt::ProtocolVersion;
using mqtt::Qos;
using mqtt::ReasonCode;

namespace {

using Reply = ChainListener<ReplyOutEvent>;

/// What the listener of a test says to every packet.
struct Says {
  std::optional<ReasonCode> reason;
  std::string reason_string;
  std::vector<std::pair<std::string, std::string>> user_properties;
};

struct Stage {
  Stage()
      : client(harness),
        reply(harness, harness.hook_points.reply_out, base::Phase::transform,
              [this](ReplyOutEvent& event, base::Token) {
                seen[event.packet_type] = event.reason;
                auto answer = std::make_unique<hooks::ReplyProperties>();
                answer->reason = says.reason;
                answer->reason_string = says.reason_string;
                answer->user_properties = says.user_properties;
                return Verdict::replaces_with(std::move(answer));
              }) {}

  FlowHarness harness;
  TestClient client;
  Says says;
  std::map<PacketType, ReasonCode> seen;
  Reply reply;
};

std::vector<std::pair<std::string, std::string>> user_properties_of(const ReceivedPacket& packet) {
  std::vector<std::pair<std::string, std::string>> found;
  mqtt::UserProperty property;
  for (mqtt::UserPropertyReader reader = packet.properties.user_properties(); reader.next(property);)
    found.emplace_back(property.name, property.value);
  return found;
}

}  // namespace

TEST_CASE("reply.out adds a reason string and user properties to every answer that may have them") {
  Stage stage;
  stage.says = {{}, "because", {{"node", "1"}, {"trace", "abc"}}};
  const auto check = [&stage](const ReceivedPacket& packet, PacketType type) {
    CHECK(packet.type == type);
    CHECK(packet.properties.reason_string == "because");
    CHECK(user_properties_of(packet) == stage.says.user_properties);
  };
  check(stage.client.connect(), PacketType::connack);
  check(stage.client.subscribe("t"), PacketType::suback);
  stage.client.publish("t", "x", Qos::at_least_once, false, 1);
  check(stage.client.next_packet(), PacketType::puback);
  stage.client.publish("t", "x", Qos::exactly_once, false, 2);
  check(stage.client.next_packet(), PacketType::pubrec);
  stage.client.acknowledge(PacketType::pubrel, 2);
  check(stage.client.next_packet(), PacketType::pubcomp);
  for (const ReceivedPublish& got : stage.client.publishes()) {
    if (got.qos != Qos::exactly_once) continue;
    stage.client.acknowledge(PacketType::pubrec, got.packet_id);
    check(stage.client.next_packet(), PacketType::pubrel);
  }
  check(stage.client.unsubscribe("t"), PacketType::unsuback);
  stage.client.kick(session::CloseReason::kicked);
  const ReceivedPacket disconnect = stage.client.next_packet();
  check(disconnect, PacketType::disconnect);
  CHECK(disconnect.reason == ReasonCode::administrative_action);
  CHECK(stage.seen.at(PacketType::disconnect) == ReasonCode::administrative_action);
  CHECK(stage.seen.at(PacketType::suback) == ReasonCode::granted_qos_2);
  CHECK(stage.seen.size() == 8);
}

TEST_CASE("reply.out changes a reason code within its class only, and to one that the packet may carry") {
  Stage stage;
  stage.client.connect();
  const auto answer_to_publish = [&stage](ReasonCode wanted, std::string_view topic) {
    stage.says.reason = wanted;
    stage.client.publish(topic, "x", Qos::at_least_once);
    return stage.client.next_packet().reason;
  };
  // Nobody subscribed: 0x10.
  CHECK(answer_to_publish(ReasonCode::success, "t") == ReasonCode::success);
  CHECK(answer_to_publish(ReasonCode::not_authorized, "t") == ReasonCode::no_matching_subscribers);
  CHECK(answer_to_publish(ReasonCode::granted_qos_1, "t") == ReasonCode::no_matching_subscribers);  // [MQTT-3.4.2-1]
  CHECK(answer_to_publish(ReasonCode::quota_exceeded, "$SYS/t") == ReasonCode::quota_exceeded);
  CHECK(answer_to_publish(ReasonCode::success, "$SYS/t") == ReasonCode::not_authorized);
  CHECK(answer_to_publish(ReasonCode::banned, "$SYS/t") == ReasonCode::not_authorized);
  // SUBACK has one code for each filter, and keeps them.
  stage.says.reason = ReasonCode::success;
  CHECK(stage.client.subscribe("t", Qos::at_least_once).reason_codes == std::vector<uint8_t>{1});
  // A refused CONNECT stays refused.
  stage.says.reason = ReasonCode::banned;
  TestClient refused(stage.harness);
  ConnectOptions options;
  options.client_id = std::string(1000, 'c');
  CHECK(refused.connect(options).reason == ReasonCode::banned);
  CHECK(refused.closed());
}

TEST_CASE("reply.out: without problem information only CONNACK and DISCONNECT say more [MQTT-3.1.2-29]") {
  Stage stage;
  stage.says = {{}, "because", {{"a", "b"}}};
  ConnectOptions options;
  options.adjust = [](mqtt::Connect& connect) { connect.properties.set(PropertyId::request_problem_information, 0U); };
  CHECK(stage.client.connect(options).properties.reason_string == "because");
  const ReceivedPacket suback = stage.client.subscribe("t");
  CHECK_FALSE(suback.properties.has(PropertyId::reason_string));
  CHECK(suback.properties.user_property_count == 0);
  stage.client.publish("t", "x", Qos::at_least_once);
  CHECK_FALSE(stage.client.next_packet().properties.has(PropertyId::reason_string));
  stage.client.kick(session::CloseReason::kicked);
  CHECK(user_properties_of(stage.client.next_packet()).size() == 1);
}

TEST_CASE("reply.out: what the client has no room for stays behind, user properties first") {
  // [MQTT-3.2.2-19], [MQTT-3.2.2-20], [MQTT-3.4.2-2], [MQTT-3.4.2-3], [MQTT-3.9.2-1], [MQTT-3.11.2-2], [MQTT-3.14.2-3],
  // [MQTT-3.14.2-4], [MQTT-3.15.2-2]
  Stage stage;
  stage.says = {{}, "short", {{"long", std::string(100, 'x')}}};
  ConnectOptions options;
  options.maximum_packet_size = 60;
  const ReceivedPacket connack = stage.client.connect(options);
  CHECK(connack.properties.reason_string == "short");
  CHECK(connack.properties.user_property_count == 0);
  stage.says.reason_string = std::string(100, 'y');
  const ReceivedPacket suback = stage.client.subscribe("t");
  CHECK_FALSE(suback.properties.has(PropertyId::reason_string));
  stage.client.publish("t", "x", Qos::at_least_once);
  const ReceivedPacket puback = stage.client.next_packet();
  CHECK(puback.type == PacketType::puback);
  CHECK_FALSE(puback.properties.has(PropertyId::reason_string));
  stage.client.kick(session::CloseReason::kicked);
  CHECK(stage.client.next_packet().reason == ReasonCode::administrative_action);
  // A refusal that comes before CONNACK keeps the client's limit, too.
  TestClient refused(stage.harness);
  options.client_id = std::string(300, 'c');
  const ReceivedPacket refusal = refused.connect(options);
  CHECK(refusal.reason == ReasonCode::client_identifier_not_valid);
  CHECK_FALSE(refusal.properties.has(PropertyId::reason_string));
}

TEST_CASE("reply.out: strings that no packet can carry are left out, and 3.1.1 clients are not offered") {
  Stage stage;
  stage.says = {{}, "\xFF\xFE", {{"ok", "yes"}, {"bad", std::string("\0", 1)}, {"long", std::string(70'000, 'x')}}};
  const ReceivedPacket connack = stage.client.connect();
  CHECK_FALSE(connack.properties.has(PropertyId::reason_string));
  CHECK(user_properties_of(connack) == std::vector<std::pair<std::string, std::string>>{{"ok", "yes"}});
  stage.seen.clear();
  TestClient old(stage.harness);
  ConnectOptions options;
  options.client_id = "old";
  options.version = ProtocolVersion::v3_1_1;
  CHECK(old.connect(options).reason == ReasonCode::success);
  CHECK(old.subscribe("t").type == PacketType::suback);
  old.publish("t", "x", Qos::at_least_once);
  CHECK(old.next_packet().type == PacketType::puback);
  CHECK(stage.seen.empty());
}

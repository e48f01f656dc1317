// CONNECT: who may connect, as whom, with which properties (MQTT 5.0 section 3.1, 3.2).

#include <catch2/catch.hpp>
#include <memory>
#include <string>

#include "support/flow_harness.h"
#include "support/shard_fixture.h"
#include "support/test_client.h"

using namespace patchbay;
using namespace patchbay::test;
using mqtt::PacketType;
using mqtt::PropertyId;
using mqtt::ProtocolVersion;
using mqtt::Qos;
using mqtt::ReasonCode;
using session::CloseReason;

namespace {

ConnectOptions as(std::string client_id, ProtocolVersion version = ProtocolVersion::v5) {
  ConnectOptions options;
  options.client_id = std::move(client_id);
  options.version = version;
  return options;
}

ReasonCode refused(FlowHarness& harness, const ConnectOptions& options) {
  TestClient client(harness);
  const ReceivedPacket connack = client.connect(options);
  CHECK(connack.type == PacketType::connack);
  CHECK_FALSE(connack.session_present);  // [MQTT-3.2.2-6]
  CHECK(client.closed());                // [MQTT-3.2.2-7]
  return connack.reason;
}

}  // namespace

TEST_CASE("connect: all three versions, on whichever shard the connection was accepted [MQTT-3.1.4-5]") {
  FlowHarness harness;
  for (const ProtocolVersion version : {ProtocolVersion::v3_1, ProtocolVersion::v3_1_1, ProtocolVersion::v5}) {
    for (base::ShardId shard = 0; shard < 2; ++shard) {
      TestClient client(harness, shard);
      const ReceivedPacket connack = client.connect(as("client", version));
      CHECK(connack.reason == ReasonCode::success);
      CHECK_FALSE(connack.session_present);  // [MQTT-3.2.2-2]
      CHECK(client.shard() == session::home_shard("client", 2));
      CHECK_FALSE(client.closed());
      client.ping();
      CHECK(client.next_packet().type == PacketType::pingresp);  // [MQTT-3.12.4-1]
      CHECK(harness.counted(base::Counter::live_connections) == 1);
      client.disconnect();
      CHECK(client.closed());
    }
  }
  CHECK(harness.counted(base::Counter::live_connections) == 0);
  CHECK(harness.counted(base::Counter::sessions) == 0);
  CHECK(harness.counted(base::Counter::client_authenticate) == 6);
}

TEST_CASE("connect: something else comes first [MQTT-3.1.0-1]") {
  FlowHarness harness;
  TestClient client(harness);
  client.ping();
  CHECK(client.closed());
  CHECK(client.close_reason() == CloseReason::protocol_error);
  CHECK_FALSE(client.has_packets());
}

TEST_CASE("connect: a second CONNECT is a protocol error [MQTT-3.1.0-2]") {
  for (const ProtocolVersion version : {ProtocolVersion::v3_1_1, ProtocolVersion::v5}) {
    FlowHarness harness;
    TestClient client(harness);
    client.connect(as("twice", version));
    client.send_connect(as("twice", version));
    CHECK(client.closed());
    CHECK(client.close_reason() == CloseReason::protocol_error);
    if (version != ProtocolVersion::v5) {
      CHECK_FALSE(client.has_packets());
    } else {
      const ReceivedPacket bye = client.next_packet();
      CHECK(bye.type == PacketType::disconnect);
      CHECK(bye.reason == ReasonCode::protocol_error);
      CHECK(bye.properties.reason_string == "protocol_error [MQTT-3.1.0-2]");
    }
  }
}

TEST_CASE("connect: a malformed CONNECT gets CONNACK in 5.0 and nothing before [MQTT-3.1.4-1]") {
  FlowHarness harness;
  for (const uint8_t level : {uint8_t{4}, uint8_t{5}}) {
    TestClient client(harness);
    // The reserved flag is set [MQTT-3.1.2-3].
    std::vector<uint8_t> body = {0, 4, 'M', 'Q', 'T', 'T', level, 0x03, 0, 60};
    if (level == 5) body.push_back(0);
    body.insert(body.end(), {0, 1, 'a'});
    std::vector<uint8_t> packet = {0x10, static_cast<uint8_t>(body.size())};
    packet.insert(packet.end(), body.begin(), body.end());
    client.send_bytes(packet);
    CHECK(client.closed());
    CHECK(client.close_reason() == CloseReason::protocol_error);
    CHECK(client.has_packets() == (level == 5));
    if (level == 5) CHECK(client.next_packet().reason == ReasonCode::malformed_packet);
  }
}

TEST_CASE("connect: an unknown version is told so [MQTT-3.1.2-2]") {
  FlowHarness harness;
  TestClient client(harness);
  client.send_bytes({0x10, 13, 0, 4, 'M', 'Q', 'T', 'T', 9, 2, 0, 60, 0, 1, 'a'});
  CHECK(client.next_packet().reason == ReasonCode::unsupported_protocol_version);
  CHECK(client.closed());
}

TEST_CASE("connect: an empty client id by version [MQTT-3.1.3-6], [MQTT-3.1.3-7], [MQTT-3.1.3-8]") {
  FlowHarness harness;
  ConnectOptions options = as("", ProtocolVersion::v3_1);
  CHECK(refused(harness, options) == ReasonCode::client_identifier_not_valid);
  options.version = ProtocolVersion::v3_1_1;
  options.clean_start = false;
  CHECK(refused(harness, options) == ReasonCode::client_identifier_not_valid);
  options.clean_start = true;
  TestClient third(harness);
  CHECK(third.connect(options).reason == ReasonCode::success);
  options.version = ProtocolVersion::v5;
  options.clean_start = false;
  TestClient fifth(harness, 1);
  const ReceivedPacket connack = fifth.connect(options);
  CHECK(connack.reason == ReasonCode::success);
  const std::string assigned(connack.properties.assigned_client_identifier);  // [MQTT-3.2.2-16]
  CHECK(assigned.starts_with("patchbay-"));
  CHECK(harness.find_session(assigned) != nullptr);
  CHECK(fifth.shard() == 1);  // chosen so that the connection stays where it is
  TestClient another(harness, 1);
  const ReceivedPacket second = another.connect(options);
  CHECK(second.properties.assigned_client_identifier != assigned);
}

TEST_CASE("connect: client ids of 1 to 23 bytes and more, up to the limit [MQTT-3.1.3-5], [MQTT-3.1.3-2]") {
  FlowOptions options;
  options.session.maximum_client_id_size = 30;
  FlowHarness harness(options);
  for (const size_t size : {1, 23, 30}) {
    TestClient client(harness);
    CHECK(client.connect(as(std::string(size, 'x'))).reason == ReasonCode::success);
  }
  CHECK(refused(harness, as(std::string(31, 'x'))) == ReasonCode::client_identifier_not_valid);
}

TEST_CASE("connect: the user name or the certificate may name the client") {
  FlowOptions options;
  options.session.use_username_as_client_id = true;
  FlowHarness harness(options);
  TestClient client(harness);
  ConnectOptions connect = as("ignored");
  connect.user_name = "alice";
  const ReceivedPacket connack = client.connect(connect);
  CHECK(connack.properties.assigned_client_identifier == "alice");
  CHECK(harness.find_session("alice") != nullptr);
  session::PeerCertificate certificate;
  certificate.common_name = "device-7";
  TestClient other(harness);
  other.set_certificate(certificate);
  other.listener().peer_cert_as_clientid = session::CertificateField::common_name;
  other.listener().peer_cert_as_username = session::CertificateField::common_name;
  other.connect(connect);
  REQUIRE(harness.find_session("device-7") != nullptr);
  CHECK(harness.find_session("device-7")->owner() == "device-7");
}

TEST_CASE("connect: what the server cannot do with a will is refused [MQTT-3.2.2-12], [MQTT-3.2.2-13]") {
  FlowOptions options;
  options.session.maximum_qos = Qos::at_least_once;
  options.session.retain_available = false;
  options.session.maximum_will_payload_size = 10;
  options.session.maximum_user_properties = 2;
  FlowHarness harness(options);
  ConnectOptions connect;
  connect.has_will = true;
  connect.will_qos = Qos::exactly_once;
  CHECK(refused(harness, connect) == ReasonCode::qos_not_supported);
  connect.will_qos = Qos::at_least_once;
  connect.will_retain = true;
  CHECK(refused(harness, connect) == ReasonCode::retain_not_supported);
  connect.will_retain = false;
  connect.will_payload = "more than ten";
  CHECK(refused(harness, connect) == ReasonCode::quota_exceeded);
  connect.will_payload = "";
  connect.will_topic = std::string(2000, 't');
  CHECK(refused(harness, connect) == ReasonCode::topic_name_invalid);  // [MQTT-3.1.3-11]
  connect.will_topic = "will";
  TestClient client(harness);
  CHECK(client.connect(connect).reason == ReasonCode::success);
}

TEST_CASE("connect: nobody says CONNECT in time") {
  FlowHarness harness;
  TestClient client(harness);
  harness.advance_ms(9'990);
  CHECK_FALSE(client.closed());
  harness.advance_ms(32);
  CHECK(client.closed());
  CHECK(client.close_reason() == CloseReason::connect_timeout);
  CHECK(harness.counted(base::Counter::connections_closed_connect_timeout) == 1);
}

TEST_CASE("connect: one and a half times the keep alive, to the tick [MQTT-3.1.2-22], [MQTT-3.2.2-22]") {
  for (const ProtocolVersion version : {ProtocolVersion::v3_1_1, ProtocolVersion::v5}) {
    FlowHarness harness;
    TestClient client(harness);
    ConnectOptions options = as("alive", version);
    options.keep_alive_s = 10;
    client.connect(options);
    harness.advance_ms(14'900);
    CHECK_FALSE(client.closed());
    client.ping();
    harness.advance_ms(14'984);
    CHECK_FALSE(client.closed());
    harness.advance_ms(48);
    CHECK(client.closed());
    CHECK(client.close_reason() == CloseReason::keep_alive_timeout);
    CHECK(client.next_packet().type == PacketType::pingresp);
    if (version == ProtocolVersion::v5) CHECK(client.next_packet().reason == ReasonCode::keep_alive_timeout);
    CHECK(harness.counted(base::Counter::connections_closed_keep_alive) == 1);
  }
}

TEST_CASE("connect: without keep alive a 3.1.1 client may be silent for ever") {
  FlowHarness harness;
  TestClient client(harness);
  ConnectOptions options = as("silent", ProtocolVersion::v3_1_1);
  options.keep_alive_s = 0;
  client.connect(options);
  harness.advance_ms(100'000);
  CHECK_FALSE(client.closed());
}

TEST_CASE("connect: the server's keep alive is told and counts [MQTT-3.2.2-21], [MQTT-3.1.2-21]") {
  FlowOptions options;
  options.session.server_keep_alive_s = 5;
  FlowHarness harness(options);
  TestClient client(harness);
  const ReceivedPacket connack = client.connect(as("kept"));
  CHECK(connack.properties.server_keep_alive_s == 5);
  harness.advance_ms(7'400);
  CHECK_FALSE(client.closed());
  harness.advance_ms(200);
  CHECK(client.closed());
}

TEST_CASE("connect: CONNACK tells the limits [MQTT-3.2.2-9], [MQTT-3.2.2-18]") {
  FlowOptions options;
  options.session.maximum_qos = Qos::at_least_once;
  options.session.retain_available = false;
  options.session.wildcard_subscription_available = false;
  options.session.shared_subscription_available = false;
  options.session.receive_maximum = 17;
  options.session.maximum_packet_size = 5000;
  options.session.topic_alias_maximum = 4;
  options.session.maximum_session_expiry_interval_s = 60;
  options.session.response_information = "reply/";
  FlowHarness harness(options);
  TestClient client(harness);
  ConnectOptions connect;
  connect.session_expiry_interval_s = 100;
  connect.adjust = [](mqtt::Connect& packet) { packet.properties.set(PropertyId::request_response_information, 1); };
  const ReceivedPacket connack = client.connect(connect);
  const mqtt::Properties& told = connack.properties;
  CHECK(told.maximum_qos == 1);
  CHECK(told.retain_available == 0);
  CHECK(told.wildcard_subscription_available == 0);
  CHECK(told.shared_subscription_available == 0);
  CHECK(told.receive_maximum == 17);
  CHECK(told.maximum_packet_size == 5000);
  CHECK(told.topic_alias_maximum == 4);
  CHECK(told.session_expiry_interval_s == 60);
  CHECK(told.response_information == "reply/");  // [MQTT-3.1.2-28] only where it was asked for
  CHECK_FALSE(told.has(PropertyId::assigned_client_identifier));
  CHECK_FALSE(told.has(PropertyId::authentication_method));
  TestClient other(harness);
  CHECK_FALSE(other.connect(as("other")).properties.has(PropertyId::response_information));
}

TEST_CASE("connect: a packet above the server's maximum ends the connection [MQTT-3.2.2-15]") {
  FlowOptions options;
  options.session.maximum_packet_size = 200;
  FlowHarness harness(options);
  TestClient client(harness);
  client.connect();
  client.publish("t", std::string(300, 'x'));
  CHECK(client.next_packet().reason == ReasonCode::packet_too_large);
  CHECK(client.closed());
}

TEST_CASE("connect: nobody may connect where anonymous access is off [MQTT-3.1.4-2]") {
  FlowOptions options;
  options.anonymous = access::AnonymousPolicy::never;
  FlowHarness harness(options);
  CHECK(refused(harness, as("a")) == ReasonCode::not_authorized);
  CHECK(refused(harness, as("a", ProtocolVersion::v3_1_1)) == ReasonCode::not_authorized);
  CHECK(harness.counted(base::Counter::sessions) == 0);
  CHECK(harness.counted(base::Counter::packets_connack_error) == 2);
}

TEST_CASE("connect: sessions of a shard are bounded") {
  FlowOptions options;
  options.shards = 1;
  options.session.maximum_sessions = 1;
  FlowHarness harness(options);
  TestClient first(harness);
  first.connect(as("first"));
  CHECK(refused(harness, as("second")) == ReasonCode::quota_exceeded);
  TestClient again(harness);
  CHECK(again.connect(as("first")).reason == ReasonCode::success);
}

TEST_CASE("connect: what a client is told when it must go [MQTT-4.13.1-1], [MQTT-3.14.0-1]") {
  FlowHarness harness;
  const std::pair<CloseReason, ReasonCode> reasons[] = {
      {CloseReason::server_shutdown, ReasonCode::server_shutting_down},
      {CloseReason::kicked, ReasonCode::administrative_action}};
  for (const auto& [close_reason, reason] : reasons) {
    TestClient client(harness);
    client.connect();
    client.kick(close_reason);
    CHECK(client.next_packet().reason == reason);
    CHECK(client.close_reason() == close_reason);
    TestClient old(harness);
    old.connect(as("old", ProtocolVersion::v3_1_1));
    old.kick(close_reason);
    CHECK(old.closed());
    CHECK_FALSE(old.has_packets());
    TestClient nobody(harness);
    nobody.kick(close_reason);
    CHECK(nobody.closed());
    CHECK_FALSE(nobody.has_packets());
  }
}

TEST_CASE("connect: the reason string gives way to a small maximum packet size [MQTT-3.14.2-3], [MQTT-3.1.2-24]") {
  FlowHarness harness;
  TestClient client(harness);
  ConnectOptions options;
  options.maximum_packet_size = 30;
  client.connect(options);
  client.send_connect(options);
  const ReceivedPacket bye = client.next_packet();
  CHECK(bye.reason == ReasonCode::protocol_error);
  CHECK(bye.properties.reason_string.empty());
}

TEST_CASE("connect: a CONNACK that the client does not take ends the connection with a reason [MQTT-3.1.2-24]") {
  FlowHarness harness;
  TestClient watcher(harness);
  watcher.connect(as("watcher"));
  watcher.subscribe("will");
  ConnectOptions options = as("");  // gets a client identifier of 40 bytes, which CONNACK must tell
  options.maximum_packet_size = 50;
  options.has_will = true;
  options.session_expiry_interval_s = 100;
  const uint64_t live = harness.counted(base::Counter::live_connections);
  SECTION("a small one says why") {
    CHECK(refused(harness, options) == ReasonCode::packet_too_large);
  }
  SECTION("not even a small one fits") {
    options.maximum_packet_size = 4;
    TestClient client(harness);
    client.send_connect(options);
    CHECK_FALSE(client.has_packets());
    CHECK(client.closed());
    CHECK(client.close_reason() == CloseReason::limit);
  }
  SECTION("it is resumed in vain") {
    options.client_id = "keeper";
    options.maximum_packet_size = 0;
    TestClient first(harness);
    first.connect(options);
    first.disconnect();
    options.maximum_packet_size = 10;
    options.clean_start = false;
    CHECK(refused(harness, options) == ReasonCode::packet_too_large);
    CHECK(harness.find_session("keeper") != nullptr);  // its session is what it was
  }
  CHECK(harness.counted(base::Counter::connections_closed_reply_too_large) == 1);
  CHECK(harness.counted(base::Counter::live_connections) == live);
  CHECK(watcher.publishes().empty());  // who was not let in leaves no will
}

TEST_CASE("connect: response information gives way where CONNACK would be too large [MQTT-3.1.2-28]") {
  FlowOptions harness_options;
  harness_options.session.response_information = std::string(100, 'r');
  FlowHarness harness(harness_options);
  TestClient client(harness);
  ConnectOptions options;
  options.maximum_packet_size = 60;
  options.adjust = [](mqtt::Connect& packet) { packet.properties.set(PropertyId::request_response_information, 1); };
  const ReceivedPacket connack = client.connect(options);
  CHECK(connack.reason == ReasonCode::success);
  CHECK_FALSE(connack.properties.has(PropertyId::response_information));
}

TEST_CASE("connect: a reload of limits is for later connections: what CONNACK told holds") {
  FlowOptions options;
  options.shards = 1;
  FlowHarness harness(options);
  TestClient before(harness);
  before.connect(as("before"));
  auto lower = std::make_shared<session::SessionLimits>(*harness.environment(0).limits);
  lower->maximum_packet_size = 200;
  lower->maximum_qos = Qos::at_most_once;
  harness.environment(0).limits = lower;
  before.publish("t", std::string(300, 'x'), Qos::exactly_once);
  CHECK(before.next_packet().type == PacketType::pubrec);
  TestClient after(harness);
  const ReceivedPacket connack = after.connect(as("after"));
  CHECK(connack.properties.maximum_packet_size == 200);
  after.publish("t", std::string(300, 'x'));
  CHECK(after.next_packet().reason == ReasonCode::packet_too_large);
}

TEST_CASE("connect: a refusal is one line in the log, with peer, client and clause, and many are few lines") {
  FlowHarness harness;
  harness.clock.advance_ms(3'600'000);  // whatever other tests logged is long ago
  const RecordingLog log;
  TestClient client(harness);
  client.connect(as("guilty"));
  client.send_connect(as("guilty"));
  REQUIRE(log.lines.size() == 1);
  const std::string& line = log.lines[0];
  CHECK(line.find("peer=127.0.0.1") != std::string::npos);
  CHECK(line.find("client_id=guilty") != std::string::npos);
  CHECK(line.find("clause=MQTT-3.1.0-2") != std::string::npos);
  CHECK(line.find("reason=protocol_error") != std::string::npos);
  for (int i = 0; i < 1000; ++i) {
    TestClient malformed(harness);
    malformed.send_bytes({0x10, 2, 0, 9});
    CHECK(malformed.closed());
  }
  CHECK(log.lines.size() < 100);
}

TEST_CASE("connect: packets that only servers send end the connection") {
  FlowHarness harness;
  TestClient client(harness);
  client.connect();
  client.send_bytes({0xD0, 0x00});
  CHECK(client.next_packet().reason == ReasonCode::protocol_error);
  TestClient other(harness);
  other.connect();
  other.send_bytes({0x00, 0x00});
  CHECK(other.next_packet().reason == ReasonCode::malformed_packet);
}

TEST_CASE("connect: bytes that never make a packet do not keep a client alive [MQTT-3.1.2-22]") {
  FlowHarness harness;
  TestClient client(harness);
  ConnectOptions options;
  options.keep_alive_s = 10;
  CHECK(client.connect(options).reason == ReasonCode::success);
  client.send_bytes({0x30});  // the beginning of a PUBLISH
  for (int second = 0; second < 14; ++second) {
    client.send_bytes({second == 0 ? uint8_t{0x7F} : uint8_t{0}});
    harness.advance_ms(1000);
  }
  CHECK_FALSE(client.closed());
  harness.advance_ms(1100);
  CHECK(client.close_reason() == session::CloseReason::keep_alive_timeout);
}

TEST_CASE("connect: a first byte that no CONNECT begins with ends the connection at once [MQTT-3.1.0-1]") {
  FlowHarness harness;
  TestClient client(harness);
  client.send_bytes({'G'});  // "GET / HTTP/1.1"
  CHECK(client.close_reason() == CloseReason::protocol_error);
  CHECK(client.closed());
  CHECK_FALSE(client.has_packets());
}

// AUTH: exchanges at CONNECT and later (MQTT 5.0 section 4.12).

#include <catch2/catch.hpp>
#include <string>

#include "support/chain_listener.h"
#include "support/flow_harness.h"
#include "support/test_client.h"

using namespace patchbay;
using namespace patchbay::test;
using access::EnhancedAuthenticationEvent;
using base::Verdict;
using mqtt::PacketType;
using mqtt::PropertyId;
using mqtt::ProtocolVersion;
using mqtt::Qos;
using mqtt::ReasonCode;

namespace {

/// The method "riddle": asks once, and takes "42" for an answer. "slow" as the answer is decided later.
struct Riddle {
  explicit Riddle(FlowHarness& harness)
      : listener(harness, harness.access_points.enhanced_authentication, base::Phase::decide,
                 [this](EnhancedAuthenticationEvent& event, base::Token token) { return step(event, token); }) {}

  Verdict step(EnhancedAuthenticationEvent& event, base::Token token) {
    if (event.authentication_method != "riddle") return Verdict::proceeds();
    const std::string data(event.authentication_data.begin(), event.authentication_data.end());
    if (event.step == 0) {
      auto question = std::make_unique<access::AuthenticationData>();
      question->data = {'?'};
      return Verdict::replaces_with(std::move(question));
    }
    if (data == "slow") {
      open = token;
      return Verdict::defers();
    }
    return data == "42" ? allowed() : Verdict::denies(static_cast<uint8_t>(ReasonCode::bad_user_name_or_password));
  }
  Verdict allowed() const {
    auto grant = std::make_unique<access::EnhancedGrant>();
    grant->grant.identity = identity;
    grant->data = {'!'};
    return Verdict::allows_with(std::move(grant));
  }

  std::string identity = "sphinx";
  base::Token open;
  ChainListener<EnhancedAuthenticationEvent> listener;
};

ConnectOptions riddled(std::string method = "riddle") {
  ConnectOptions options;
  options.authentication_method = std::move(method);
  return options;
}

void send_auth(TestClient& client, ReasonCode reason, std::string_view data, std::string_view method = "riddle") {
  mqtt::Auth auth;
  auth.reason_code = reason;
  auth.properties.set(PropertyId::authentication_method, method);
  if (!data.empty()) auth.properties.set(PropertyId::authentication_data, data);
  client.send(auth);
}

void expect_question(TestClient& client) {
  const ReceivedPacket auth = client.next_packet();
  CHECK(auth.type == PacketType::auth);
  CHECK(auth.reason == ReasonCode::continue_authentication);
  CHECK(auth.properties.authentication_method == "riddle");
  CHECK(auth.properties.authentication_data == "?");
}

}  // namespace

TEST_CASE("auth: a method that nobody knows is refused [MQTT-4.12.0-1]") {
  FlowHarness harness;
  const Riddle riddle(harness);
  TestClient client(harness);
  CHECK(client.connect(riddled("unheard-of")).reason == ReasonCode::bad_authentication_method);
  CHECK(client.closed());
}

TEST_CASE(
    "auth: an exchange of two steps, then CONNACK with the method and the last data "
    "[MQTT-4.12.0-2], [MQTT-4.12.0-3], [MQTT-4.12.0-5]") {
  FlowHarness harness;
  const Riddle riddle(harness);
  TestClient client(harness);
  client.send_connect(riddled());
  expect_question(client);
  CHECK(harness.counted(base::Counter::sessions) == 0);
  send_auth(client, ReasonCode::continue_authentication, "42");
  const ReceivedPacket connack = client.next_packet();
  CHECK((connack.type == PacketType::connack && connack.reason == ReasonCode::success));
  CHECK(connack.properties.authentication_method == "riddle");
  CHECK(connack.properties.authentication_data == "!");
  CHECK(harness.find_session("client")->owner() == "sphinx");
  CHECK(harness.counted(base::Counter::packets_auth_received) == 1);
  CHECK(harness.counted(base::Counter::packets_auth_sent) == 1);
}

TEST_CASE("auth: a wrong answer ends it [MQTT-4.12.0-4]") {
  FlowHarness harness;
  const Riddle riddle(harness);
  TestClient client(harness);
  client.send_connect(riddled());
  expect_question(client);
  send_auth(client, ReasonCode::continue_authentication, "41");
  CHECK(client.next_packet().reason == ReasonCode::bad_user_name_or_password);
  CHECK(client.closed());
  CHECK(harness.counted(base::Counter::sessions) == 0);
}

TEST_CASE("auth: until CONNACK nothing but AUTH and DISCONNECT may come [MQTT-3.1.2-30]") {
  FlowHarness harness;
  const Riddle riddle(harness);
  TestClient client(harness);
  client.send_connect(riddled());
  expect_question(client);
  client.publish("t", "x");
  CHECK(client.next_packet().reason == ReasonCode::protocol_error);
  CHECK(client.closed());
  TestClient leaving(harness);
  leaving.send_connect(riddled());
  expect_question(leaving);
  leaving.disconnect();
  CHECK(leaving.closed());
  CHECK_FALSE(leaving.has_packets());
}

TEST_CASE("auth: the answer may come later, also when the client has gone") {
  FlowHarness harness;
  const Riddle riddle(harness);
  TestClient client(harness);
  client.send_connect(riddled());
  expect_question(client);
  send_auth(client, ReasonCode::continue_authentication, "slow");
  CHECK(client.reading_paused());
  harness.completions.complete(riddle.open, riddle.allowed());
  CHECK(client.next_packet().reason == ReasonCode::success);
  TestClient gone(harness);
  gone.send_connect(riddled());
  expect_question(gone);
  send_auth(gone, ReasonCode::continue_authentication, "slow");
  gone.drop();
  CHECK(harness.completions.complete(riddle.open, Verdict::allows()) == base::CompletionStatus::stale);
}

TEST_CASE("auth: re-authentication leaves the session as it is [MQTT-4.12.1-1]") {
  FlowHarness harness;
  const Riddle riddle(harness);
  TestClient client(harness);
  client.send_connect(riddled());
  expect_question(client);
  send_auth(client, ReasonCode::continue_authentication, "42");
  client.next_packet();
  client.subscribe("t");
  for (int i = 0; i < 2; ++i) {
    send_auth(client, ReasonCode::re_authenticate, "");
    expect_question(client);
    client.publish("t", "meanwhile");  // everything else goes on
    CHECK(client.publishes().size() == 1);
    send_auth(client, ReasonCode::continue_authentication, "42");
    const ReceivedPacket done = client.next_packet();
    CHECK((done.type == PacketType::auth && done.reason == ReasonCode::success));
    CHECK(done.properties.authentication_data == "!");
  }
  CHECK_FALSE(client.closed());
}

TEST_CASE("auth: re-authentication that fails, or makes somebody else of the client, ends it [MQTT-4.12.1-2]") {
  FlowHarness harness;
  // DISCONNECT cannot carry "bad user name or password" [MQTT-3.14.2-1].
  for (const bool other : {false, true}) {
    Riddle riddle(harness);
    TestClient client(harness);
    client.send_connect(riddled());
    expect_question(client);
    send_auth(client, ReasonCode::continue_authentication, "42");
    client.next_packet();
    send_auth(client, ReasonCode::re_authenticate, "");
    expect_question(client);
    if (other) riddle.identity = "somebody else";
    send_auth(client, ReasonCode::continue_authentication, other ? "42" : "41");
    const ReceivedPacket bye = client.next_packet();
    CHECK(bye.type == PacketType::disconnect);
    CHECK(bye.reason == ReasonCode::not_authorized);
    CHECK(client.closed());
  }
}

TEST_CASE("auth: out of place, or with another method, it is a protocol error [MQTT-4.12.0-5], [MQTT-4.12.0-7]") {
  FlowHarness harness;
  const Riddle riddle(harness);
  const auto connected = [&harness](TestClient& client) {
    client.send_connect(riddled());
    expect_question(client);
    send_auth(client, ReasonCode::continue_authentication, "42");
    client.next_packet();
  };
  TestClient unasked(harness);
  connected(unasked);
  send_auth(unasked, ReasonCode::continue_authentication, "42");
  CHECK(unasked.next_packet().reason == ReasonCode::protocol_error);
  TestClient changed(harness);
  connected(changed);
  send_auth(changed, ReasonCode::re_authenticate, "", "other");
  CHECK(changed.next_packet().reason == ReasonCode::protocol_error);
  TestClient plain(harness);
  plain.connect();
  send_auth(plain, ReasonCode::re_authenticate, "");
  CHECK(plain.next_packet().reason == ReasonCode::protocol_error);
  TestClient old(harness);
  ConnectOptions options;
  options.version = ProtocolVersion::v3_1_1;
  old.connect(options);
  old.send_bytes({0xF0, 0x00});
  CHECK(old.closed());
}

TEST_CASE("enhanced: a question that the client does not take ends the connection with a reason [MQTT-3.1.2-24]") {
  FlowHarness harness;
  const Riddle riddle(harness);
  TestClient client(harness);
  ConnectOptions options = riddled();
  options.maximum_packet_size = 16;  // the question has 17 bytes
  const ReceivedPacket answer = client.connect(options);
  CHECK(answer.type == PacketType::connack);
  CHECK(answer.reason == ReasonCode::packet_too_large);
  CHECK(client.closed());
  CHECK(harness.counted(base::Counter::connections_closed_reply_too_large) == 1);
}

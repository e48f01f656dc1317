// The life of a session: resumption, expiry, take-over, ownership (MQTT 5.0 sections 3.1.2.4, 3.1.2.11, 4.1).

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "support/chain_listener.h"
#include "support/flow_harness.h"
#include "support/test_client.h"

using namespace patchbay;
using namespace patchbay::test;
using base::Counter;
using mqtt::PacketType;
using mqtt::ProtocolVersion;
using mqtt::Qos;
using mqtt::ReasonCode;
using session::CloseReason;

namespace {

ConnectOptions lasting(std::string client_id, uint32_t expiry_s = 100) {
  ConnectOptions options;
  options.client_id = std::move(client_id);
  options.clean_start = false;
  options.session_expiry_interval_s = expiry_s;
  return options;
}

}  // namespace

TEST_CASE(
    "session: resumed with its subscriptions, discarded by clean start "
    "[MQTT-3.1.2-4], [MQTT-3.1.2-5], [MQTT-3.1.2-6], [MQTT-3.2.2-3]") {
  FlowHarness harness;
  TestClient first(harness);
  CHECK_FALSE(first.connect(lasting("c")).session_present);
  first.subscribe("t");
  first.drop();
  TestClient second(harness, 1);
  CHECK(second.connect(lasting("c")).session_present);
  second.publish("t", "x");
  CHECK(second.one_publish().payload == "x");
  second.drop();
  ConnectOptions clean = lasting("c");
  clean.clean_start = true;
  TestClient third(harness);
  CHECK_FALSE(third.connect(clean).session_present);
  third.publish("t", "x");
  CHECK(third.publishes().empty());
  CHECK(harness.counted(Counter::session_resumed) == 1);
  CHECK(harness.counted(Counter::session_discarded) == 1);
  CHECK(harness.counted(Counter::subscriptions) == 0);
}

TEST_CASE("session: 3.1.1 without clean session lasts for the configured time, 3.1 never says it was there") {
  FlowOptions options;
  options.session.session_expiry_interval_s = 50;
  FlowHarness harness(options);
  ConnectOptions connect = lasting("c");
  connect.version = ProtocolVersion::v3_1_1;
  TestClient(harness).connect(connect);
  TestClient second(harness);
  CHECK(second.connect(connect).session_present);
  second.disconnect();
  connect.version = ProtocolVersion::v3_1;
  TestClient third(harness);
  CHECK_FALSE(third.connect(connect).session_present);
  CHECK(harness.counted(Counter::session_resumed) == 2);
  third.drop();
  harness.advance_ms(50'100);
  CHECK(harness.counted(Counter::sessions) == 0);
}

TEST_CASE("session: ends when its interval has passed, not before [MQTT-3.1.2-23]") {
  FlowHarness harness;
  TestClient client(harness);
  client.connect(lasting("c", 10));
  client.subscribe("t");
  client.drop();
  harness.advance_ms(9'900);
  CHECK(harness.find_session("c") != nullptr);
  harness.advance_ms(200);
  CHECK(harness.find_session("c") == nullptr);
  CHECK(harness.counted(Counter::subscriptions) == 0);
  CHECK(harness.counted(Counter::session_terminated) == 1);
}

TEST_CASE("session: a client that is back in time keeps it, however often") {
  FlowHarness harness;
  for (int i = 0; i < 5; ++i) {
    TestClient client(harness);
    CHECK(client.connect(lasting("c", 10)).session_present == (i > 0));
    client.drop();
    harness.advance_ms(9'000);
  }
  CHECK(harness.find_session("c") != nullptr);
}

TEST_CASE("session: DISCONNECT may change the interval, but not from nothing") {
  FlowHarness harness;
  TestClient client(harness);
  client.connect(lasting("c", 10));
  client.disconnect(ReasonCode::success, 0);
  CHECK(harness.find_session("c") == nullptr);
  TestClient other(harness);
  other.connect(lasting("d", 10));
  other.disconnect(ReasonCode::success, 100);
  harness.advance_ms(50'000);
  CHECK(harness.find_session("d") != nullptr);
  TestClient third(harness);
  third.connect(lasting("e", 0));
  third.disconnect(ReasonCode::success, 100);
  CHECK(third.next_packet().reason == ReasonCode::protocol_error);
  CHECK(harness.find_session("e") == nullptr);
}

TEST_CASE("session: a new connection takes over, also from another shard's door [MQTT-3.1.4-3]") {
  FlowHarness harness;
  for (base::ShardId door = 0; door < 2; ++door) {
    TestClient first(harness, 0);
    first.connect(lasting("c"));
    TestClient second(harness, door);
    CHECK(second.connect(lasting("c")).session_present);
    CHECK(first.closed());
    CHECK(first.close_reason() == CloseReason::taken_over);
    CHECK(first.next_packet().reason == ReasonCode::session_taken_over);
    CHECK_FALSE(second.closed());
    second.disconnect(ReasonCode::success, 0);
  }
  CHECK(harness.counted(Counter::session_taken_over) == 2);
  CHECK(harness.counted(Counter::live_connections) == 0);
}

TEST_CASE("session: one that ends with its connection is not resumed by a take-over") {
  FlowHarness harness;
  TestClient first(harness);
  first.connect(lasting("c", 0));
  first.subscribe("t");
  TestClient second(harness);
  CHECK_FALSE(second.connect(lasting("c", 0)).session_present);
  CHECK(harness.counted(Counter::subscriptions) == 0);
  CHECK(harness.counted(Counter::sessions) == 1);
}

TEST_CASE("session: belongs to its user: nobody else takes it over, reads or deletes it") {
  FlowHarness harness;
  TestClient alice(harness);
  ConnectOptions options = lasting("shared-name");
  options.user_name = "alice";
  alice.connect(options);
  alice.subscribe("secret");
  ConnectOptions mallory = options;
  mallory.user_name = "mallory";
  for (const bool clean_start : {false, true}) {
    mallory.clean_start = clean_start;
    TestClient thief(harness);
    CHECK(thief.connect(mallory).reason == ReasonCode::not_authorized);
    CHECK(thief.closed());
    CHECK_FALSE(alice.closed());
  }
  alice.drop();
  TestClient thief(harness);
  CHECK(thief.connect(mallory).reason == ReasonCode::not_authorized);
  TestClient back(harness);
  CHECK(back.connect(options).session_present);
  CHECK(harness.counted(Counter::session_owner_conflict) == 3);
}

TEST_CASE("session: the identity that an authenticator gives is what owns it, not the user name") {
  FlowHarness harness;
  ChainListener<access::AuthenticateEvent> authenticator(
      harness, harness.access_points.authenticate, base::Phase::decide,
      [](access::AuthenticateEvent& event, base::Token) {
        auto grant = std::make_unique<access::AuthenticationGrant>();
        grant->identity = "id-of-" + std::string(event.credentials->password->text());
        return base::Verdict::allows_with(std::move(grant));
      });
  ConnectOptions options = lasting("c");
  options.user_name = "one";
  options.password = "p";
  TestClient(harness).connect(options);
  options.user_name = "two";
  TestClient second(harness);
  CHECK(second.connect(options).session_present);
  CHECK(harness.find_session("c")->owner() == "id-of-p");
  options.password = "q";
  TestClient third(harness);
  CHECK(third.connect(options).reason == ReasonCode::not_authorized);
}

TEST_CASE("session: a deferred log-in holds nobody else up, and counts for nothing when the client is gone") {
  FlowHarness harness;
  base::Token open;
  ChainListener<access::AuthenticateEvent> authenticator(harness, harness.access_points.authenticate,
                                                         base::Phase::decide,
                                                         [&open](access::AuthenticateEvent& event, base::Token token) {
                                                           if (event.client->client_id() != "slow")
                                                             return base::Verdict::allows();
                                                           open = token;
                                                           return base::Verdict::defers();
                                                         });
  TestClient slow(harness);
  slow.send_connect(lasting("slow"));
  CHECK(slow.reading_paused());
  slow.publish("t", "sent before CONNACK");
  TestClient fast(harness);
  CHECK(fast.connect(lasting("fast")).reason == ReasonCode::success);
  fast.subscribe("t");
  CHECK(harness.completions.complete(open, base::Verdict::allows()) == base::CompletionStatus::accepted);
  CHECK(slow.next_packet().reason == ReasonCode::success);
  CHECK(fast.one_publish().payload == "sent before CONNACK");
  slow.drop();
  TestClient gone(harness);
  gone.send_connect(lasting("slow"));
  gone.drop();
  CHECK(harness.completions.complete(open, base::Verdict::allows()) == base::CompletionStatus::stale);
  TestClient late(harness);
  late.send_connect(lasting("slow"));
  harness.advance_ms(9'000);
  CHECK(late.next_packet().reason == ReasonCode::not_authorized);
}

TEST_CASE("session: observers hear of every step of its life") {
  FlowHarness harness;
  std::vector<std::string> heard;
  const auto note = [&heard](std::string_view name) {
    return [&heard, name](auto& event) { heard.push_back(std::string(name) + ":" + std::string(event.reason)); };
  };
  auto& points = harness.hook_points;
  const auto a = observe(harness, points.session_created, note("created"));
  const auto b = observe(harness, points.session_resumed, note("resumed"));
  const auto c = observe(harness, points.session_taken_over, note("taken_over"));
  const auto d = observe(harness, points.session_discarded, note("discarded"));
  const auto e = observe(harness, points.session_ended, note("ended"));
  const auto f = observe(harness, points.client_connected, note("connected"));
  const auto g = observe(harness, points.client_disconnected, note("disconnected"));
  TestClient first(harness);
  first.connect(lasting("c", 10));
  TestClient second(harness);
  second.connect(lasting("c", 10));
  second.drop();
  ConnectOptions clean = lasting("c", 10);
  clean.clean_start = true;
  TestClient third(harness);
  third.connect(clean);
  third.drop();
  harness.advance_ms(10'100);
  CHECK(heard == std::vector<std::string>{"created:", "connected:", "taken_over:", "disconnected:taken_over",
                                          "resumed:", "connected:", "disconnected:peer_closed", "discarded:clean_start",
                                          "ended:discarded", "created:", "connected:", "disconnected:peer_closed",
                                          "ended:expired"});
}

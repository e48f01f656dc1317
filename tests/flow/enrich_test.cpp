// auth.enrich and auth.result; what a grant brings besides an identity: an end, and how much the client may send.

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "session/session.h"
#include "support/chain_listener.h"
#include "support/flow_harness.h"
#include "support/test_client.h"

using namespace patchbay;
using namespace patchbay::test;
using base::Verdict;
using hooks::AuthResultEvent;
using hooks::EnrichEvent;
using mqtt::PacketType;
using mqtt::Qos;
using mqtt::ReasonCode;

namespace {

using Enrich = ChainListener<EnrichEvent>;
using Authenticate = ChainListener<access::AuthenticateEvent>;

using Fill = std::function<void(access::AuthenticationGrant&)>;

std::unique_ptr<access::AuthenticationGrant> grant(const Fill& fill) {
  auto result = std::make_unique<access::AuthenticationGrant>();
  fill(*result);
  return result;
}

Verdict adds(const Fill& fill) {
  return Verdict::replaces_with(grant(fill));
}

struct Result {
  bool allowed;
  bool anonymous;
  ReasonCode reason;
  std::string identity;
  std::string decided_by;
  uint64_t duration_ms;
};

auto listen_to_results(FlowHarness& harness, std::vector<Result>& results) {
  return observe(harness, harness.hook_points.auth_result, [&results](const AuthResultEvent& event) {
    results.push_back({event.allowed, event.anonymous, event.reason, std::string(event.identity),
                       std::string(event.decided_by), event.duration_ms});
  });
}

}  // namespace

TEST_CASE("enrich: attributes, permissions and identity are the client's when it is connected") {
  FlowHarness harness;
  std::vector<Result> results;
  const auto listener = listen_to_results(harness, results);
  const Authenticate authenticator(
      harness, harness.access_points.authenticate, base::Phase::decide, [](access::AuthenticateEvent&, base::Token) {
        return Verdict::allows_with(grant([](auto& g) { g.identity = "from authentication"; }));
      });
  const Enrich enrich(harness, harness.hook_points.auth_enrich, base::Phase::transform,
                      [](EnrichEvent& event, base::Token) {
                        CHECK(event.client->identity() == "from authentication");
                        return adds([](auto& g) {
                          g.attributes = {{"tenant", "acme"}};
                          g.has_permissions = true;
                          access::PermissionRule rule;
                          rule.topic_filter = "tenant/${attr.tenant}/#";
                          g.rules = {rule};
                        });
                      });
  TestClient client(harness);
  CHECK(client.connect().reason == ReasonCode::success);
  const access::ClientInfo& info = harness.find_session("client")->client();
  CHECK(info.attribute("tenant") == "acme");
  CHECK(info.identity() == "from authentication");
  client.publish("tenant/acme/t", "x", Qos::at_least_once);
  CHECK(client.next_packet().reason != ReasonCode::not_authorized);
  client.publish("tenant/other/t", "x", Qos::at_least_once);
  CHECK(client.next_packet().reason == ReasonCode::not_authorized);
  REQUIRE(results.size() == 1);
  CHECK(results[0].allowed);
  CHECK(results[0].identity == "from authentication");
  CHECK(results[0].decided_by == "test");
}

TEST_CASE("enrich: may answer later, and its denial is the result") {
  FlowHarness harness;
  std::vector<Result> results;
  const auto listener = listen_to_results(harness, results);
  base::Token open;
  const Enrich enrich(harness, harness.hook_points.auth_enrich, base::Phase::transform,
                      [&open](EnrichEvent&, base::Token token) {
                        open = token;
                        return Verdict::defers();
                      });
  TestClient client(harness);
  client.send_connect({});
  CHECK(client.reading_paused());
  CHECK(results.empty());
  harness.advance_ms(160);
  SECTION("added") {
    harness.completions.complete(open, adds([](auto& g) { g.is_superuser = true; }));
    CHECK(client.next_packet().reason == ReasonCode::success);
    CHECK(harness.find_session("client")->client().is_superuser());
    REQUIRE(results.size() == 1);
    CHECK(results[0].anonymous);
    CHECK(results[0].decided_by.empty());  // nobody but the built-in policy
    CHECK(results[0].duration_ms >= 150);
  }
  SECTION("denied") {
    harness.completions.complete(open, Verdict::denies(static_cast<uint8_t>(ReasonCode::banned)));
    CHECK(client.next_packet().reason == ReasonCode::banned);
    CHECK(client.closed());
    REQUIRE(results.size() == 1);
    CHECK_FALSE(results[0].allowed);
    CHECK(results[0].reason == ReasonCode::banned);
    CHECK(results[0].decided_by == "test");
  }
  SECTION("late") {
    harness.advance_ms(3'000);
    CHECK(client.next_packet().reason == ReasonCode::not_authorized);
    REQUIRE(results.size() == 1);
    CHECK_FALSE(results[0].allowed);
  }
}

TEST_CASE("enrich: a client that was refused is not asked about") {
  FlowHarness harness;
  std::vector<Result> results;
  const auto listener = listen_to_results(harness, results);
  const Authenticate authenticator(harness, harness.access_points.authenticate, base::Phase::decide,
                                   [](access::AuthenticateEvent&, base::Token) { return Verdict::denies(); });
  int asked = 0;
  const Enrich enrich(harness, harness.hook_points.auth_enrich, base::Phase::transform,
                      [&asked](EnrichEvent&, base::Token) {
                        ++asked;
                        return Verdict::proceeds();
                      });
  TestClient client(harness);
  CHECK(client.connect().reason == ReasonCode::not_authorized);
  CHECK(asked == 0);
  REQUIRE(results.size() == 1);
  CHECK(results[0].decided_by == "test");
  CHECK(results[0].reason == ReasonCode::not_authorized);
}

TEST_CASE("enrich: runs again when the client authenticates again, and what it adds stays") {
  FlowHarness harness;
  std::vector<Result> results;
  const auto listener = listen_to_results(harness, results);
  const ChainListener<access::EnhancedAuthenticationEvent> method(
      harness, harness.access_points.enhanced_authentication, base::Phase::decide,
      [](access::EnhancedAuthenticationEvent& event, base::Token) {
        auto granted = std::make_unique<access::EnhancedGrant>();
        granted->grant.identity = "somebody";
        return event.authentication_data.size() == 2 ? Verdict::allows_with(std::move(granted)) : Verdict::denies();
      });
  int asked = 0;
  base::Token open;
  const Enrich enrich(harness, harness.hook_points.auth_enrich, base::Phase::transform,
                      [&](EnrichEvent&, base::Token token) {
                        open = token;
                        if (++asked == 2) return Verdict::defers();
                        return adds([](auto& g) { g.attributes = {{"tenant", "acme"}}; });
                      });
  TestClient client(harness);
  ConnectOptions options;
  options.authentication_method = "M";
  options.authentication_data = "ok";
  CHECK(client.connect(options).reason == ReasonCode::success);
  const auto authenticate_again = [&client](std::string_view data) {
    mqtt::Auth auth;
    auth.reason_code = ReasonCode::re_authenticate;
    auth.properties.set(mqtt::PropertyId::authentication_method, std::string_view("M"));
    auth.properties.set(mqtt::PropertyId::authentication_data, data);
    client.send(auth);
  };
  authenticate_again("ok");
  CHECK_FALSE(client.has_packets());
  harness.completions.complete(open, adds([](auto& g) { g.attributes = {{"tenant", "other"}}; }));
  const ReceivedPacket auth = client.next_packet();
  CHECK(auth.type == PacketType::auth);
  CHECK(auth.reason == ReasonCode::success);
  CHECK(harness.find_session("client")->client().attribute("tenant") == "other");
  CHECK(results.size() == 2);
  authenticate_again("no!");
  CHECK(client.next_packet().type == PacketType::disconnect);
  REQUIRE(results.size() == 3);
  CHECK_FALSE(results[2].allowed);
}

TEST_CASE("a client leaves when its credentials end") {
  FlowHarness harness;
  const Enrich enrich(harness, harness.hook_points.auth_enrich, base::Phase::transform,
                      [&harness](EnrichEvent&, base::Token) {
                        return adds([&](auto& g) { g.expires_at_unix_ms = harness.clock.unix_ms() + 10'000; });
                      });
  TestClient client(harness);
  client.connect();
  harness.advance_ms(9'500);
  CHECK_FALSE(client.closed());
  client.publish("t", "x");  // also when nothing else is kept of it meanwhile
  harness.advance_ms(1'000);
  CHECK(client.closed());
  const ReceivedPacket disconnect = client.next_packet();
  CHECK(disconnect.type == PacketType::disconnect);
  CHECK(disconnect.reason == ReasonCode::maximum_connect_time);
}

TEST_CASE("how much a client may send comes with its grant, and CONNACK tells the packet size [MQTT-3.2.2-15]") {
  FlowHarness harness;
  const Enrich enrich(harness, harness.hook_points.auth_enrich, base::Phase::transform, [](EnrichEvent&, base::Token) {
    return adds([](auto& g) { g.allowance = {1'000, 50, 100}; });
  });
  TestClient client(harness);
  CHECK(client.connect().properties.maximum_packet_size == 100);
  CHECK(client.allowance().bytes_per_s == 1'000);
  CHECK(client.allowance().messages_per_s == 50);
  client.publish("t", std::string(80, 'x'), Qos::at_least_once);
  CHECK(client.next_packet().type == PacketType::puback);
  client.publish("t", std::string(200, 'x'), Qos::at_least_once);
  const ReceivedPacket disconnect = client.next_packet();
  CHECK(disconnect.type == PacketType::disconnect);
  CHECK(disconnect.reason == ReasonCode::packet_too_large);
}

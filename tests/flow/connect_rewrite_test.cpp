// auth.connect_rewrite: a CONNECT taken for another one, before the client's home shard is chosen.

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "mqtt/codec/property_codec.h"
#include "session/session.h"
#include "session/session_registry.h"
#include "support/chain_listener.h"
#include "support/flow_harness.h"
#include "support/test_client.h"

using namespace patchbay;
using namespace patchbay::test;
using base::Verdict;
using hooks::ConnectReplacement;
using hooks::ConnectRewriteEvent;
using mqtt::PacketType;
using mqtt::PropertyId;
using mqtt::ProtocolVersion;
using mqtt::ReasonCode;

namespace {

using Rewrite = ChainListener<ConnectRewriteEvent>;

Verdict becomes(const std::function<void(ConnectReplacement&)>& fill) {
  auto fields = std::make_unique<ConnectReplacement>();
  fill(*fields);
  return Verdict::replaces_with(std::move(fields));
}

/// A client id whose home is that shard.
std::string client_id_at(const FlowHarness& harness, base::ShardId shard) {
  for (int i = 0;; ++i) {
    std::string client_id = "client-" + std::to_string(i);
    if (session::home_shard(client_id, harness.shard_count()) == shard) return client_id;
  }
}

ConnectOptions as(std::string client_id) {
  ConnectOptions options;
  options.client_id = std::move(client_id);
  return options;
}

}  // namespace

TEST_CASE("connect rewrite: the new client id says which shard is home, and is asked about once") {
  FlowHarness harness;
  int asked = 0;
  const std::string sent = client_id_at(harness, 0);
  const std::string wanted = client_id_at(harness, 1);
  const Rewrite rewrite(harness, harness.hook_points.auth_connect_rewrite, base::Phase::transform,
                        [&](ConnectRewriteEvent& event, base::Token) {
                          ++asked;
                          CHECK(event.client_id == sent);
                          CHECK(event.client->listener_id() == "tcp:default");
                          return becomes([&](ConnectReplacement& fields) { fields.client_id = wanted; });
                        });
  TestClient client(harness, 0);
  const ReceivedPacket connack = client.connect(as(sent));
  CHECK(connack.reason == ReasonCode::success);
  CHECK(asked == 1);
  CHECK(client.shard() == 1);
  CHECK(connack.properties.assigned_client_identifier == wanted);  // the client is told its name
  CHECK(harness.find_session(wanted) != nullptr);
  CHECK(harness.find_session(sent) == nullptr);
  CHECK(harness.counted(base::Counter::packets_connect) == 1);
}

TEST_CASE("connect rewrite: nothing replaced, nothing changes, on either shard") {
  FlowHarness harness;
  int asked = 0;
  const Rewrite rewrite(harness, harness.hook_points.auth_connect_rewrite, base::Phase::transform,
                        [&](ConnectRewriteEvent&, base::Token) {
                          ++asked;
                          return Verdict::proceeds();
                        });
  for (const base::ShardId home : {base::ShardId{0}, base::ShardId{1}}) {
    TestClient client(harness, 0);
    const ReceivedPacket connack = client.connect(as(client_id_at(harness, home)));
    CHECK(connack.reason == ReasonCode::success);
    CHECK_FALSE(connack.properties.has(PropertyId::assigned_client_identifier));
    CHECK(client.shard() == home);
    CHECK(client.luggage() == nullptr);  // nothing is kept of it
  }
  CHECK(asked == 2);
}

TEST_CASE("connect rewrite: user name, password and properties are what authentication sees") {
  FlowHarness harness;
  const Rewrite rewrite(
      harness, harness.hook_points.auth_connect_rewrite, base::Phase::transform,
      [](ConnectRewriteEvent& event, base::Token) {
        CHECK(event.username == "tenant/user");
        REQUIRE(event.user_properties.size() == 1);
        CHECK(event.user_properties[0] == ConnectRewriteEvent::UserProperty{"region", "eu"});
        CHECK(std::string_view(reinterpret_cast<const char*>(event.password.data()), event.password.size()) == "old");
        return becomes([](ConnectReplacement& fields) {
          fields.username = "user";
          const uint8_t secret[] = {'n', 'e', 'w'};
          fields.password.emplace(secret);
        });
      });
  std::string seen;
  const ChainListener<access::AuthenticateEvent> authenticator(
      harness, harness.access_points.authenticate, base::Phase::decide,
      [&seen](access::AuthenticateEvent& event, base::Token) {
        seen = *event.credentials->username + "/" + std::string(event.credentials->password->text());
        return Verdict::allows();
      });
  TestClient client(harness, 0);
  ConnectOptions options = as("c");
  options.user_name = "tenant/user";
  options.password = "old";
  std::vector<uint8_t> block;
  mqtt::append_user_property(block, "region", "eu");
  options.adjust = [&block](mqtt::Connect& connect) { connect.properties.set_user_properties(block, 1); };
  CHECK(client.connect(options).reason == ReasonCode::success);
  CHECK(seen == "user/new");
  CHECK(harness.find_session("c")->client().username() == "user");
}

TEST_CASE("connect rewrite: clean start and keep alive count, and CONNACK tells the keep alive [MQTT-3.2.2-21]") {
  FlowHarness harness;
  {
    TestClient first(harness);
    ConnectOptions options = as("c");
    options.clean_start = false;
    options.session_expiry_interval_s = 100;
    first.connect(options);
    first.subscribe("kept");
  }
  const Rewrite rewrite(harness, harness.hook_points.auth_connect_rewrite, base::Phase::transform,
                        [](ConnectRewriteEvent& event, base::Token) {
                          CHECK(event.clean_start);
                          CHECK(event.keep_alive_s == 60);
                          return becomes([](ConnectReplacement& fields) {
                            fields.clean_start = false;
                            fields.keep_alive_s = 30;
                          });
                        });
  TestClient client(harness);
  const ReceivedPacket connack = client.connect(as("c"));
  CHECK(connack.session_present);
  CHECK(connack.properties.server_keep_alive_s == 30);
  harness.advance_ms(46'000);
  CHECK(client.closed());
  CHECK(client.close_reason() == session::CloseReason::keep_alive_timeout);
}

TEST_CASE("connect rewrite: may answer later, also where the new home is another shard") {
  FlowHarness harness;
  base::Token open;
  const std::string sent = client_id_at(harness, 0);
  const std::string wanted = client_id_at(harness, 1);
  int asked = 0;
  const Rewrite rewrite(harness, harness.hook_points.auth_connect_rewrite, base::Phase::transform,
                        [&](ConnectRewriteEvent&, base::Token token) {
                          ++asked;
                          open = token;
                          return Verdict::defers();
                        });
  TestClient client(harness, 0);
  client.send_connect(as(sent));
  CHECK(client.reading_paused());
  CHECK_FALSE(client.has_packets());
  SECTION("replaced") {
    harness.completions.complete(open, becomes([&](ConnectReplacement& fields) { fields.client_id = wanted; }));
    const ReceivedPacket connack = client.next_packet();
    CHECK(connack.reason == ReasonCode::success);
    CHECK(client.shard() == 1);
    CHECK(harness.find_session(wanted) != nullptr);
    client.publish("t", "x", mqtt::Qos::at_least_once);
    CHECK(client.next_packet().type == PacketType::puback);
  }
  SECTION("as it was") {
    harness.completions.complete(open, Verdict::proceeds());
    CHECK(client.next_packet().reason == ReasonCode::success);
    CHECK(harness.find_session(sent) != nullptr);
  }
  SECTION("denied") {
    harness.completions.complete(open, Verdict::denies(static_cast<uint8_t>(ReasonCode::banned)));
    CHECK(client.next_packet().reason == ReasonCode::banned);
    CHECK(client.closed());
  }
  SECTION("late: the entry's fallback denies") {
    harness.advance_ms(3'000);
    CHECK(client.next_packet().reason == ReasonCode::not_authorized);
    CHECK(client.closed());
  }
  SECTION("the client goes away before") {
    client.drop();
    CHECK(harness.completions.complete(open, Verdict::proceeds()) == base::CompletionStatus::stale);
  }
  CHECK(asked == 1);
}

TEST_CASE("connect rewrite: denied at once") {
  FlowHarness harness;
  const Rewrite rewrite(harness, harness.hook_points.auth_connect_rewrite, base::Phase::transform,
                        [](ConnectRewriteEvent&, base::Token) { return Verdict::denies(); });
  TestClient client(harness);
  CHECK(client.connect(as("c")).reason == ReasonCode::not_authorized);
  CHECK(client.closed());
  CHECK(harness.find_session("c") == nullptr);
}

TEST_CASE("connect rewrite: what comes out is checked like any CONNECT") {
  FlowHarness harness;
  std::function<void(ConnectReplacement&)> fill;
  const Rewrite rewrite(harness, harness.hook_points.auth_connect_rewrite, base::Phase::transform,
                        [&](ConnectRewriteEvent&, base::Token) { return becomes(fill); });
  ReasonCode expected = ReasonCode::implementation_specific_error;
  SECTION("no UTF-8") {
    fill = [](ConnectReplacement& fields) { fields.client_id = "\xC3\x28"; };
  }
  SECTION("longer than a text can be") {
    fill = [](ConnectReplacement& fields) { fields.username = std::string(70'000, 'u'); };
  }
  SECTION("longer than mqtt.max_clientid_len") {
    fill = [](ConnectReplacement& fields) { fields.client_id = std::string(1'000, 'c'); };
    expected = ReasonCode::client_identifier_not_valid;
  }
  TestClient client(harness);
  CHECK(client.connect(as("c")).reason == expected);
  CHECK(client.closed());
}

TEST_CASE("connect rewrite: MQTT 3.1.1 clients are taken for others as well") {
  FlowHarness harness;
  const Rewrite rewrite(harness, harness.hook_points.auth_connect_rewrite, base::Phase::transform,
                        [](ConnectRewriteEvent& event, base::Token) {
                          CHECK(event.user_properties.empty());
                          return becomes([](ConnectReplacement& fields) {
                            fields.client_id = "renamed";
                            fields.user_properties.emplace();
                          });
                        });
  TestClient client(harness);
  ConnectOptions options = as("old");
  options.version = ProtocolVersion::v3_1_1;
  CHECK(client.connect(options).reason == ReasonCode::success);
  CHECK(harness.find_session("renamed") != nullptr);
}

#include "operations/banned.h"

#include <catch2/catch.hpp>

#include "hooks/dispatch.h"
#include "unit/operations/operations_fixture.h"

namespace patchbay::test {
namespace {

using mqtt::ReasonCode;
using operations::Ban;
using operations::BanKind;
using operations::Banned;

Ban ban(OperationsFixture& fixture, BanKind kind, std::string who, uint64_t for_s = 0) {
  Ban made;
  made.kind = kind;
  made.who = std::move(who);
  made.by = "test";
  made.at_unix_s = fixture.flow.clock.unix_ms() / 1000;
  if (for_s != 0) made.until_unix_s = made.at_unix_s + for_s;
  return made;
}

bool accepts(OperationsFixture& fixture, const char* from) {
  hooks::ConnAcceptEvent event;
  event.peer_address = operations::address_from(from).value();
  fixture.flow.turn(
      0, [&] { hooks::transform(fixture.flow.hook_points.conn_accept, fixture.flow.environment(0).deferrals, event); });
  return !event.denied;
}

ReasonCode connects(OperationsFixture& fixture, const ConnectOptions& options) {
  TestClient client(fixture.flow);
  return client.connect(options).reason;
}

}  // namespace

TEST_CASE("Nothing listens while there are no bans", "[operations]") {
  OperationsFixture fixture;
  CHECK(fixture.nobody_listens());
  REQUIRE(fixture.operations->banned().add(ban(fixture, BanKind::client_id, "c")));
  CHECK_FALSE(fixture.flow.hook_points.auth_connect_rewrite.empty());
  CHECK_FALSE(fixture.flow.hook_points.session_open.empty());
  CHECK(fixture.flow.hook_points.conn_accept.empty());
  REQUIRE(fixture.operations->banned().add(ban(fixture, BanKind::peer_host, "192.0.2.1")));
  CHECK_FALSE(fixture.flow.hook_points.conn_accept.empty());
  CHECK(fixture.operations->banned().remove(BanKind::client_id, "c"));
  CHECK(fixture.flow.hook_points.auth_connect_rewrite.empty());
  fixture.operations->banned().clear();
  CHECK(fixture.nobody_listens());
}

TEST_CASE("A banned client is refused with 0x8A before anybody is asked about it", "[operations]") {
  OperationsFixture fixture;
  const uint64_t asked = fixture.flow.counted(base::Counter::client_authenticate);
  REQUIRE(fixture.operations->banned().add(ban(fixture, BanKind::client_id, "bad")));
  REQUIRE(fixture.operations->banned().add(ban(fixture, BanKind::username, "mallory")));
  REQUIRE(fixture.operations->banned().add(ban(fixture, BanKind::client_id_pattern, "^spam")));
  CHECK(connects(fixture, {.client_id = "bad"}) == ReasonCode::banned);
  CHECK(connects(fixture, {.client_id = "good", .user_name = "mallory"}) == ReasonCode::banned);
  CHECK(connects(fixture, {.client_id = "spammer"}) == ReasonCode::banned);
  CHECK(fixture.flow.counted(base::Counter::client_authenticate) == asked);
  CHECK(connects(fixture, {.client_id = "good", .user_name = "alice"}) == ReasonCode::success);
  CHECK(fixture.operations->banned().refused() == 3);
}

TEST_CASE("Before MQTT 5.0 a banned client reads 'not authorized'", "[operations]") {
  OperationsFixture fixture;
  REQUIRE(fixture.operations->banned().add(ban(fixture, BanKind::client_id, "bad")));
  TestClient client(fixture.flow);
  const auto answer = client.connect({.client_id = "bad", .version = mqtt::ProtocolVersion::v3_1_1});
  CHECK(answer.reason != ReasonCode::success);
  CHECK(client.closed());
}

TEST_CASE("A name that only the certificate or a plugin gave is found, too", "[operations]") {
  OperationsFixture fixture;
  // Stands for whoever changes names before the session is opened.
  fixture.bridge.chains().set_core_entries<hooks::HookId::auth_connect_rewrite>("rename", [] {
    base::ChainEntry<hooks::ConnectRewriteEvent> entry;
    entry.call = [](void*, hooks::ConnectRewriteEvent&, base::Token) noexcept {
      auto names = std::make_unique<hooks::ConnectReplacement>();
      names->client_id = "bad";
      return base::Verdict::replaces_with(std::move(names));
    };
    entry.order.phase = base::Phase::transform;
    entry.order.name = "rename";
    return std::vector<base::ChainEntry<hooks::ConnectRewriteEvent>>{entry};
  }());
  REQUIRE(fixture.operations->banned().add(ban(fixture, BanKind::client_id, "bad")));
  CHECK(connects(fixture, {.client_id = "harmless"}) == ReasonCode::banned);
}

TEST_CASE("Connections from banned addresses are closed at once", "[operations]") {
  OperationsFixture fixture;
  REQUIRE(fixture.operations->banned().add(ban(fixture, BanKind::peer_host, "192.0.2.1")));
  REQUIRE(fixture.operations->banned().add(ban(fixture, BanKind::peer_net, "2001:db8::/32")));
  CHECK_FALSE(accepts(fixture, "192.0.2.1"));
  CHECK_FALSE(accepts(fixture, "2001:db8::77"));
  CHECK(accepts(fixture, "192.0.2.2"));
  CHECK(fixture.operations->banned().refused() == 2);
}

TEST_CASE("Who is connected when a ban is made is sent away with 0x98", "[operations]") {
  OperationsFixture fixture;
  TestClient bad(fixture.flow);
  TestClient user(fixture.flow);
  TestClient good(fixture.flow);
  bad.connect({.client_id = "bad"});
  user.connect({.client_id = "other", .user_name = "mallory"});
  good.connect({.client_id = "good", .user_name = "alice"});
  REQUIRE(fixture.operations->banned().add(ban(fixture, BanKind::client_id, "bad")));
  REQUIRE(fixture.operations->banned().add(ban(fixture, BanKind::username, "mallory")));
  fixture.settle();
  CHECK(bad.closed());
  CHECK(bad.next_packet().reason == ReasonCode::administrative_action);
  CHECK(user.closed());
  CHECK_FALSE(good.closed());
  REQUIRE(fixture.operations->banned().add(ban(fixture, BanKind::peer_host, "127.0.0.1")));
  fixture.settle();
  CHECK(good.closed());
}

TEST_CASE("A ban ends by itself", "[operations]") {
  OperationsFixture fixture;
  REQUIRE(fixture.operations->banned().add(ban(fixture, BanKind::client_id, "c", 5)));
  CHECK(connects(fixture, {.client_id = "c"}) == ReasonCode::banned);
  fixture.pass_s(4);
  CHECK(connects(fixture, {.client_id = "c"}) == ReasonCode::banned);
  fixture.pass_s(1);
  CHECK(fixture.operations->banned().size() == 0);
  CHECK(fixture.nobody_listens());
  CHECK(connects(fixture, {.client_id = "c"}) == ReasonCode::success);
}

TEST_CASE("A ban holds until it is over, also when nobody looks after the list", "[operations]") {
  OperationsFixture fixture;
  REQUIRE(fixture.operations->banned().add(ban(fixture, BanKind::client_id, "c", 5)));
  fixture.flow.advance_ms(5'000);
  CHECK(connects(fixture, {.client_id = "c"}) == ReasonCode::success);
}

TEST_CASE("Bans are kept", "[operations]") {
  OperationsFixture fixture;
  Ban kept = ban(fixture, BanKind::client_id_pattern, "^x\"\\d+");
  kept.reason = "because of \"this\"";
  REQUIRE(fixture.operations->banned().add(kept));
  REQUIRE(fixture.operations->banned().add(ban(fixture, BanKind::peer_net, "10.0.0.0/8", 1'000)));
  REQUIRE(fixture.operations->banned().add(ban(fixture, BanKind::username, "short", 10)));
  fixture.flow.advance_ms(20'000);
  REQUIRE(fixture.restart());
  const auto bans = fixture.operations->banned().list();
  REQUIRE(bans.size() == 2);
  CHECK(bans[0].kind == BanKind::peer_net);
  CHECK(bans[0].until_unix_s == kept.at_unix_s + 1'000);
  CHECK(bans[1].who == kept.who);
  CHECK(bans[1].reason == kept.reason);
  CHECK(bans[1].by == "test");
  CHECK_FALSE(bans[1].until_unix_s);
  CHECK_FALSE(accepts(fixture, "10.1.2.3"));
  CHECK(connects(fixture, {.client_id = "x\"1"}) == ReasonCode::banned);
}

TEST_CASE("A list of bans that cannot be read is not taken for an empty one", "[operations]") {
  OperationsFixture fixture;
  for (const char* text : {"", "{", "[]", R"({"banned":[{"as":"clientid"}]})",
                           R"({"banned":[{"as":"nobody","who":"x","by":"","reason":"","at":1}]})",
                           R"({"banned":[{"as":"clientid_re","who":"(","by":"","reason":"","at":1}]})"}) {
    std::ofstream(fixture.folder / "banned.json") << text;
    const auto loaded = fixture.restart();
    REQUIRE_FALSE(loaded);
    CHECK(loaded.error().find("banned.json") != std::string::npos);
  }
}

TEST_CASE("Bans that cannot be kept hold all the same, and an alarm says so", "[operations]") {
  OperationsFixture fixture;
  std::filesystem::create_directories(fixture.folder / "banned.json" / "in the way");
  REQUIRE(fixture.operations->banned().add(ban(fixture, BanKind::client_id, "c")));
  CHECK(fixture.alarms.is_active("banned_not_kept"));
  CHECK(connects(fixture, {.client_id = "c"}) == ReasonCode::banned);
  std::filesystem::remove_all(fixture.folder / "banned.json");
  REQUIRE(fixture.operations->banned().add(ban(fixture, BanKind::client_id, "d")));
  CHECK_FALSE(fixture.alarms.is_active("banned_not_kept"));
}

TEST_CASE("What is banned already, and too many expressions, are refused", "[operations]") {
  OperationsFixture fixture;
  Banned& banned = fixture.operations->banned();
  REQUIRE(banned.add(ban(fixture, BanKind::client_id, "c")));
  CHECK(banned.add(ban(fixture, BanKind::client_id, "c")).error().refusal == Banned::Refusal::exists);
  CHECK(banned.add(ban(fixture, BanKind::peer_host, "nowhere")).error().refusal == Banned::Refusal::invalid);
  CHECK_FALSE(banned.remove(BanKind::username, "c"));
  for (size_t i = 0; i < Banned::kPatternsMax; ++i)
    REQUIRE(banned.add(ban(fixture, BanKind::client_id_pattern, "p" + std::to_string(i))));
  const auto refused = banned.add(ban(fixture, BanKind::username_pattern, "one more"));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().refusal == Banned::Refusal::full);
}

TEST_CASE("A client that comes and goes too often is banned for a while", "[operations]") {
  OperationsFixture fixture;
  operations::OperationsSettings settings;
  settings.flapping = {true, 3, 60, 300};
  fixture.operations->configure(settings);
  CHECK_FALSE(fixture.flow.hook_points.client_disconnected.empty());
  for (int i = 0; i < 2; ++i) {
    TestClient client(fixture.flow);
    CHECK(client.connect({.client_id = "flapper"}).reason == ReasonCode::success);
    client.disconnect();
  }
  fixture.settle();
  CHECK(fixture.operations->banned().size() == 0);
  {
    TestClient client(fixture.flow);
    client.connect({.client_id = "flapper"});
    client.drop();
  }
  fixture.settle();
  const auto bans = fixture.operations->banned().list();
  REQUIRE(bans.size() == 1);
  CHECK(bans[0].who == "flapper");
  CHECK(bans[0].by == operations::Flapping::kAuthor);
  CHECK(bans[0].until_unix_s == bans[0].at_unix_s + 300);
  CHECK(connects(fixture, {.client_id = "flapper"}) == ReasonCode::banned);
  CHECK(connects(fixture, {.client_id = "steady"}) == ReasonCode::success);
  fixture.pass_s(301);
  CHECK(connects(fixture, {.client_id = "flapper"}) == ReasonCode::success);
  fixture.operations->configure({});
  CHECK(fixture.nobody_listens());
}

TEST_CASE("Slow comers and those who are sent away do not flap", "[operations]") {
  OperationsFixture fixture;
  operations::OperationsSettings settings;
  settings.flapping = {true, 3, 10, 300};
  fixture.operations->configure(settings);
  for (int i = 0; i < 6; ++i) {
    TestClient client(fixture.flow);
    client.connect({.client_id = "slow"});
    client.disconnect();
    fixture.pass_s(6);
  }
  for (int i = 0; i < 6; ++i) {
    TestClient client(fixture.flow);
    client.connect({.client_id = "kicked"});
    client.kick(session::CloseReason::kicked);
  }
  fixture.settle();
  CHECK(fixture.operations->banned().size() == 0);
}

}  // namespace patchbay::test

// Connections of a plugin that goes, or that the next version takes over.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "plugin_protocols/plugin_connection.h"
#include "session/session.h"
#include "support/test_client.h"
#include "unit/plugin_protocols/protocol_fixture.h"

using namespace patchbay;
using patchbay::test::id_on;
using patchbay::test::LineClient;
using patchbay::test::LineProtocol;
using patchbay::test::ProtocolFixture;
using patchbay::test::TestClient;
using plugin_bridge::Held;
using Texts = std::vector<std::string>;

TEST_CASE("when the plugin goes its connections say goodbye, and new ones are refused") {
  ProtocolFixture fixture;
  {
    LineClient client(fixture);
    client.say("CONNECT " + id_on(0));
    LineClient unconnected(fixture, 1);
    fixture.provider->close();
    fixture.on_each_shard([&] { fixture.provider->kick_all_here(); });
    client.settle();
    unconnected.settle();
    CHECK(client.closed());
    CHECK(unconnected.closed());
    CHECK(fixture.protocol.events == Texts{"open", "open", "kick 5", "kick 5", "close 5", "close 5"});
    LineClient late(fixture);
    late.settle();
    CHECK(late.closed());
  }
  CHECK(fixture.instance.holds(Held::connections) == 0);
}

TEST_CASE("an upgrade freezes and thaws live connections: nobody is disconnected, nothing is lost") {
  ProtocolFixture fixture;
  TestClient mqtt(fixture.flow);
  mqtt.connect();
  test::InstanceFixture newer("probe", 9, fixture.places, fixture.flow.clock, fixture.limits);
  LineProtocol next(*plugin_protocols::broker_client_table());
  const auto next_provider = std::make_shared<plugin_protocols::ProtocolProvider>(
      newer.account, fixture.shards, fixture.runs, LineProtocol::table(), &next, *LineProtocol::describe(nullptr));
  {
    LineClient client(fixture);
    client.say("CONNECT " + id_on(0));
    client.say("SUB t 1 0");
    fixture.flow.turn(0, [&] { CHECK_FALSE(fixture.provider->hand_over_here(next_provider, 0)); });
    CHECK(fixture.protocol.events == Texts{"open", "close 5"});
    CHECK(fixture.protocol.last == nullptr);
    CHECK(next.events == Texts{"thaw tcp:line"});
    CHECK(fixture.instance.holds(Held::connections) == 0);
    CHECK(newer.holds(Held::connections) == 1);
    CHECK_FALSE(client.closed());
    mqtt.publish("t", "after", mqtt::Qos::at_least_once);
    client.settle();
    CHECK(next.deliveries == Texts{"t after qos 1"});
    CHECK(client.say("PUB t x 0") == "RESULT 1 0 receivers 1\n");
    CHECK(fixture.flow.find_session(id_on(0))->inflight_messages() == 0);
  }
  CHECK(newer.holds(Held::connections) == 0);
}

TEST_CASE("a connection that cannot be thawed stays with its version") {
  ProtocolFixture fixture;
  test::InstanceFixture newer("probe", 9, fixture.places, fixture.flow.clock, fixture.limits);
  LineProtocol next(*plugin_protocols::broker_client_table());
  next.refuses = true;
  const auto next_provider = std::make_shared<plugin_protocols::ProtocolProvider>(
      newer.account, fixture.shards, fixture.runs, LineProtocol::table(), &next, *LineProtocol::describe(nullptr));
  LineClient client(fixture);
  client.say("CONNECT " + id_on(0));
  fixture.flow.turn(0, [&] { CHECK_FALSE(fixture.provider->hand_over_here(next_provider, 0)); });
  CHECK(fixture.instance.holds(Held::connections) == 1);
  CHECK(client.say("PUB t x 0") == "RESULT 2 0\n");
  CHECK(next.events.empty());
}

#include "admin/client_actions.h"

#include <catch2/catch.hpp>

#include "session/session.h"
#include "unit/admin/played_node.h"

using namespace patchbay;         // NOLINT: test
using namespace patchbay::admin;  // NOLINT: test
using mqtt::ReasonCode;
using patchbay::test::PlayedNode;
using patchbay::test::TestClient;

namespace {

struct Node : PlayedNode {
  /// Runs `work` on the home shard of the client.
  template <class Work>
  auto at_home(const std::string& client_id, Work work) {
    const uint32_t home = session::home_shard(client_id, shards.count());
    decltype(work(flow.environment(home))) result{};
    flow.turn(home, [&] { result = work(flow.environment(home)); });
    flow.settle();
    return result;
  }
  SubscribedClient subscribe(const std::string& client_id, const std::string& filter, uint8_t qos = 0,
                             bool no_local = false) {
    WantedSubscription wanted{filter, {}};
    wanted.options.maximum_qos = qos & 3;
    wanted.options.no_local = no_local;
    return at_home(client_id, [&](auto& environment) { return subscribe_client(environment, client_id, wanted); });
  }
};

}  // namespace

TEST_CASE("A client that is subscribed gets retained messages and what comes", "[admin]") {
  Node node;
  TestClient& publisher = node.connect("publisher");
  publisher.publish("a/kept", "old", mqtt::Qos::at_most_once, true);
  TestClient& client = node.connect("c1");
  const SubscribedClient outcome = node.subscribe("c1", "a/+", 1);
  CHECK(outcome.client_found);
  CHECK(outcome.reason == ReasonCode::success);
  CHECK(outcome.subscription.topic_filter == "a/+");
  CHECK(outcome.subscription.options.maximum_qos == 1);
  CHECK(client.one_publish().payload == "old");
  publisher.publish("a/b", "new", mqtt::Qos::at_most_once);
  node.flow.settle();
  CHECK(client.one_publish().payload == "new");
  CHECK(node.at_home("c1", [](auto& environment) { return unsubscribe_client(environment, "c1", "a/+"); }));
  CHECK(node.flow.find_session("c1")->subscriptions().empty());
  CHECK(node.at_home("c1", [](auto& environment) { return unsubscribe_client(environment, "c1", "never/was"); }));
  CHECK_FALSE(node.at_home("c9", [](auto& environment) { return unsubscribe_client(environment, "c9", "a/+"); }));
}

TEST_CASE("A subscription of the client's own keeps the identifier that it was given", "[admin]") {
  Node node;
  TestClient& publisher = node.connect("publisher");
  TestClient& client = node.connect("c1");
  client.subscribe("a", mqtt::Qos::at_most_once, 7);
  CHECK(node.subscribe("c1", "a", 1).reason == ReasonCode::success);
  publisher.publish("a", "x", mqtt::Qos::at_least_once, false, 1);
  node.flow.settle();
  const auto got = client.one_publish();
  CHECK(got.qos == mqtt::Qos::at_least_once);
  CHECK(got.subscription_identifiers == std::vector<uint32_t>{7});
}

TEST_CASE("What a SUBSCRIBE may not ask for, the API may not either", "[admin]") {
  Node node;
  node.connect("c1");
  CHECK(node.subscribe("c1", "a/#/b").reason == ReasonCode::topic_filter_invalid);
  CHECK(node.subscribe("c1", "$share//a").reason == ReasonCode::topic_filter_invalid);
  CHECK(node.subscribe("c1", "$share/g/a", 0, true).reason == ReasonCode::protocol_error);  // [MQTT-3.8.3-4]
  CHECK(node.subscribe("c1", "$exclusive/a").reason == ReasonCode::topic_filter_invalid);   // it is off
  CHECK_FALSE(node.subscribe("nobody", "a").client_found);
  CHECK(node.flow.find_session("c1")->subscriptions().empty());
}

TEST_CASE("A kicked client is told and gone, with its session", "[admin]") {
  Node node;
  TestClient& client = node.connect("c1", 3'600);
  CHECK(node.at_home("c1", [](auto& environment) { return kick_client(environment, "c1"); }));
  CHECK(client.closed());
  CHECK(client.next_packet().reason == ReasonCode::administrative_action);
  CHECK(node.flow.find_session("c1") == nullptr);
  CHECK_FALSE(node.at_home("c1", [](auto& environment) { return kick_client(environment, "c1"); }));
  node.connect("away", 3'600).disconnect();
  REQUIRE(node.flow.find_session("away") != nullptr);
  CHECK(node.at_home("away", [](auto& environment) { return kick_client(environment, "away"); }));
  CHECK(node.flow.find_session("away") == nullptr);
}

TEST_CASE("A client is held to the keep alive that an operator sets", "[admin]") {
  Node node;
  TestClient& client = node.connect("c1");
  CHECK(node.at_home("c1", [](auto& environment) { return set_client_keep_alive(environment, "c1", 10); }));
  CHECK(node.flow.find_session("c1")->client().keep_alive_s() == 10);
  node.flow.advance_ms(14'000);
  CHECK_FALSE(client.closed());
  node.flow.advance_ms(2'000);
  CHECK(client.closed());
  TestClient& patient = node.connect("c2");
  CHECK(node.at_home("c2", [](auto& environment) { return set_client_keep_alive(environment, "c2", 0); }));
  node.flow.advance_ms(600'000);
  CHECK_FALSE(patient.closed());
  CHECK_FALSE(node.at_home("c9", [](auto& environment) { return set_client_keep_alive(environment, "c9", 10); }));
}

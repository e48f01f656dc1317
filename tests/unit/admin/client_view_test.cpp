#include "admin/client_view.h"

#include <catch2/catch.hpp>

#include "admin/client_query.h"
#include "unit/admin/played_node.h"

using namespace patchbay;         // NOLINT: test
using namespace patchbay::admin;  // NOLINT: test
using patchbay::test::PlayedNode;
using patchbay::test::TestClient;

namespace {

struct ViewedNode : PlayedNode {
  Json shown(const std::string& client_id) {
    const FoundClient found = ask([&] { return find_client(shards, client_id); });
    REQUIRE(found.client);
    return client_json(*found.client, "node@1");
  }
};

}  // namespace

TEST_CASE("What a client has sent and got is counted, each packet once", "[admin]") {
  ViewedNode node;
  TestClient& publisher = node.connect("publisher");
  TestClient& subscriber = node.connect("subscriber", 60);
  const Json fresh = node.shown("subscriber");
  CHECK(fresh["recv_pkt"] == 1);  // CONNECT, also where the connection moved to its home shard
  CHECK(fresh["send_pkt"] == 1);
  CHECK(fresh["recv_msg"] == 0);
  subscriber.subscribe("t", mqtt::Qos::at_least_once);
  publisher.publish("t", "four");
  publisher.publish("t", "and five", mqtt::Qos::at_least_once, false, 1);
  node.flow.settle();
  const Json sender = node.shown("publisher");
  CHECK(sender["recv_msg"] == 2);
  CHECK(sender["recv_msg.qos0"] == 1);
  CHECK(sender["recv_msg.qos1"] == 1);
  CHECK(sender["recv_pkt"] == 3);
  CHECK(sender["send_pkt"] == 2);  // CONNACK, PUBACK
  CHECK(sender["send_msg"] == 0);
  const Json receiver = node.shown("subscriber");
  CHECK(receiver["send_msg"] == 2);
  CHECK(receiver["send_msg.qos0"] == 1);
  CHECK(receiver["send_msg.qos1"] == 1);
  CHECK(receiver["send_oct"].get<uint64_t>() > fresh["send_oct"].get<uint64_t>() + 12);
  CHECK(receiver["send_msg.dropped"] == 0);
}

TEST_CASE("What a client did not get is counted by the reason, also while it is away", "[admin]") {
  ViewedNode node;
  TestClient& publisher = node.connect("publisher");
  TestClient& subscriber = node.connect("subscriber", 60);
  subscriber.subscribe("t", mqtt::Qos::at_least_once);
  node.flow.settle();
  const Json before = node.shown("subscriber");
  subscriber.disconnect();
  node.flow.settle();
  const uint32_t room = node.flow.environment(0).limits->maximum_queued_messages;
  for (uint32_t i = 0; i < room + 3; ++i)
    publisher.publish("t", "x", mqtt::Qos::at_least_once, false, static_cast<uint16_t>(i % 60'000 + 1));
  node.flow.settle();
  const Json away = node.shown("subscriber");
  CHECK(away["connected"] == false);
  CHECK(away["mqueue_len"] == room);
  CHECK(away["mqueue_dropped"] == 3);
  CHECK(away["send_msg.dropped.queue_full"] == 3);
  CHECK(away["send_msg.dropped"] == 3);
  CHECK(away["recv_pkt"] == before["recv_pkt"].get<int>() + 1);  // DISCONNECT
}

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
  CHECK(receiver["send_msg.dropped"] == 0);
}

TEST_CASE("How often the connection was read and written is shown, also of who has left", "[admin]") {
  ViewedNode node;
  TestClient& client = node.connect("client", 60);
  CHECK(node.shown("client")["recv_cnt"] == 0);
  client.set_transfers({.received_bytes = 10'000'000'000, .sent_bytes = 9, .reads = 7, .writes = 4'294'967'295});
  CHECK(node.shown("client")["recv_oct"] == 10'000'000'000);
  CHECK(node.shown("client")["send_oct"] == 9);
  CHECK(node.shown("client")["recv_cnt"] == 7);
  CHECK(node.shown("client")["send_cnt"] == 4'294'967'295);
  client.set_transfers({.received_bytes = 11, .sent_bytes = 10, .reads = 8, .writes = 0});  // modulo 2^32
  client.disconnect();
  node.flow.settle();
  const Json left = node.shown("client");
  CHECK(left["connected"] == false);
  CHECK(left["recv_oct"] == 11);
  CHECK(left["recv_cnt"] == 8);
  CHECK(left["send_cnt"] == 0);
}

TEST_CASE("Messages that were taken and never released are counted as dropped", "[admin]") {
  ViewedNode node;
  TestClient& publisher = node.clients.emplace_back(node.flow);
  test::ConnectOptions options;
  options.client_id = "publisher";
  options.keep_alive_s = 0;
  publisher.connect(options);
  publisher.publish("t", "x", mqtt::Qos::exactly_once, false, 1);
  node.flow.settle();
  CHECK(node.shown("publisher")["recv_msg.dropped"] == 0);
  node.flow.advance_ms(node.flow.environment(0).limits->await_rel_timeout_ms);
  publisher.publish("t", "x", mqtt::Qos::exactly_once, false, 2);
  node.flow.settle();
  const Json sender = node.shown("publisher");
  CHECK(sender["recv_msg.dropped"] == 1);
  CHECK(sender["recv_msg.dropped.await_pubrel_timeout"] == 1);
  CHECK(sender["recv_msg"] == 2);
}

TEST_CASE("A client that says it is a bridge is shown as one", "[admin]") {
  ViewedNode node;
  node.connect("client");
  CHECK(node.shown("client")["is_bridge"] == false);
  TestClient& bridge = node.clients.emplace_back(node.flow);
  test::ConnectOptions options;
  options.client_id = "bridge";
  options.version = mqtt::ProtocolVersion::v3_1_1;
  options.adjust = [](mqtt::Connect& packet) { packet.is_bridge = true; };
  bridge.connect(options);
  CHECK(node.shown("bridge")["is_bridge"] == true);
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

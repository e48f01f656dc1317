// Between shards nothing is dropped: publishers wait while another shard's mailbox is above its mark.

#include <catch2/catch.hpp>
#include <string>

#include "support/flow_harness.h"
#include "support/test_client.h"

using namespace patchbay;
using namespace patchbay::test;
using base::Counter;
using mqtt::Qos;

namespace {

std::string on_shard(base::ShardId shard, const std::string& prefix) {
  for (int i = 0;; ++i) {
    const std::string id = prefix + std::to_string(i);
    if (session::home_shard(id, 2) == shard) return id;
  }
}

}  // namespace

TEST_CASE("congestion: reading pauses above the mark, goes on below it, and nothing is lost or overtaken") {
  FlowOptions options;
  options.mailbox_high_water = 10;
  FlowHarness harness(options);
  ConnectOptions connect;
  connect.client_id = on_shard(0, "publisher");
  TestClient publisher(harness, 0);
  publisher.connect(connect);
  connect.client_id = on_shard(1, "subscriber");
  TestClient subscriber(harness, 1);
  subscriber.connect(connect);
  subscriber.subscribe("t");
  // Sent without letting the other shard run in between.
  int sent = 0;
  while (!publisher.reading_paused()) {
    REQUIRE(sent < 100);
    mqtt::Publish packet;
    const std::string payload = std::to_string(sent++);
    packet.topic = "t";
    packet.payload = {reinterpret_cast<const uint8_t*>(payload.data()), payload.size()};
    publisher.send_unsettled(packet);
  }
  CHECK(sent == 12);  // what a turn sends counts from its end on
  CHECK(harness.counted(Counter::reads_paused_mailbox) == 1);
  for (int i = 0; i < 5; ++i) {
    mqtt::Publish packet;
    const std::string payload = std::to_string(sent++);
    packet.topic = "t";
    packet.payload = {reinterpret_cast<const uint8_t*>(payload.data()), payload.size()};
    publisher.send_unsettled(packet);
  }
  harness.settle();
  CHECK(subscriber.publishes().size() == 12);
  harness.advance_ms(32);
  CHECK_FALSE(publisher.reading_paused());
  CHECK_FALSE(publisher.has_packets());  // reads on
  const auto rest = subscriber.publishes();
  REQUIRE(rest.size() == 5);
  CHECK(rest.front().payload == "12");
  CHECK(rest.back().payload == "16");
}

TEST_CASE("congestion: a client that goes while it is held back is forgotten") {
  FlowOptions options;
  options.mailbox_high_water = 0;
  FlowHarness harness(options);
  ConnectOptions connect;
  connect.client_id = on_shard(1, "subscriber");
  TestClient subscriber(harness, 1);
  subscriber.connect(connect);
  subscriber.subscribe("t");
  connect.client_id = on_shard(0, "publisher");
  TestClient publisher(harness, 0);
  publisher.connect(connect);
  mqtt::Publish packet;
  packet.topic = "t";
  publisher.send_unsettled(packet);
  publisher.send_unsettled(packet);
  CHECK(publisher.reading_paused());
  publisher.drop();
  harness.advance_ms(64);
  CHECK(subscriber.publishes().size() == 2);
}

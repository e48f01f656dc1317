// packet.in and packet.out, acl.deliver, and decisions that are forgotten.

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "access/event_filter.h"
#include "session/session.h"
#include "session/session_registry.h"
#include "support/chain_listener.h"
#include "support/flow_harness.h"
#include "support/test_client.h"

using namespace patchbay;
using namespace patchbay::test;
using base::Counter;
using base::Verdict;
using hooks::AclDeliverEvent;
using hooks::PacketEvent;
using mqtt::PacketType;
using mqtt::Qos;
using mqtt::ReasonCode;

namespace {

struct Seen {
  PacketType type;
  uint8_t flags;
  uint16_t packet_id;
  std::string topic;
  size_t raw;
  uint64_t size;
  std::string client_id;
};

auto watch(FlowHarness& harness, base::ChainPoint<PacketEvent>& point, std::vector<Seen>& seen) {
  return observe(harness, point, [&seen](const PacketEvent& event) {
    seen.push_back({static_cast<PacketType>(event.packet_type), event.flags, event.packet_id, std::string(event.topic),
                    event.raw.size(), event.packet_size,
                    std::string(event.client == nullptr ? std::string_view("-") : event.client->client_id())});
  });
}

ConnectOptions as(std::string client_id) {
  ConnectOptions options;
  options.client_id = std::move(client_id);
  return options;
}

}  // namespace

TEST_CASE("packet.in shows every packet once, also a CONNECT that moves to another shard") {
  FlowHarness harness;
  std::vector<Seen> seen;
  const auto listener = watch(harness, harness.hook_points.packet_in, seen);
  std::string moving = "client";
  while (session::home_shard(moving, 2) == 0) moving += "x";
  TestClient client(harness, 0);
  client.connect(as(moving));
  client.subscribe("a/#");
  client.publish("a/b", "payload", Qos::at_least_once, false, 7);
  client.acknowledge_all(client.publishes());
  client.ping();
  REQUIRE(seen.size() >= 4);
  CHECK(seen[0].type == PacketType::connect);
  CHECK(seen[0].client_id == moving);
  CHECK(seen[1].type == PacketType::subscribe);
  CHECK(seen[1].flags == 2);
  CHECK(seen[1].packet_id == 1);
  CHECK(seen[2].type == PacketType::publish);
  CHECK(seen[2].flags == 2);
  CHECK(seen[2].topic == "a/b");
  CHECK(seen[2].packet_id == 7);
  CHECK(seen[2].raw == seen[2].size);
  CHECK(seen[2].size == 2 + 2 + 3 + 2 + 1 + 7);
  CHECK(seen.back().type == PacketType::pingreq);
  CHECK(seen.back().packet_id == 0);
  CHECK(seen.back().size == 2);
}

TEST_CASE("packet.in shows what is refused afterwards as well") {
  FlowHarness harness;
  std::vector<Seen> seen;
  const auto listener = watch(harness, harness.hook_points.packet_in, seen);
  TestClient client(harness);
  client.connect();
  client.send_bytes({0x32, 0x03, 0x00, 0x09, 'a'});  // a topic that is longer than its packet
  CHECK(client.closed());
  REQUIRE(seen.size() == 2);
  CHECK(seen[1].type == PacketType::publish);
  CHECK(seen[1].topic.empty());
  CHECK(seen[1].packet_id == 0);
}

TEST_CASE("packet.out shows what is written, without the payload where that is long") {
  FlowHarness harness;
  std::vector<Seen> seen;
  const auto listener = watch(harness, harness.hook_points.packet_out, seen);
  TestClient client(harness);
  client.connect();
  client.subscribe("#");
  client.publish("short", "x", Qos::at_least_once, false, 9);
  client.publish("long", std::string(5'000, 'x'));
  std::vector<PacketType> types;
  for (const Seen& each : seen) types.push_back(each.type);
  CHECK(std::count(types.begin(), types.end(), PacketType::connack) == 1);
  CHECK(std::count(types.begin(), types.end(), PacketType::suback) == 1);
  CHECK(std::count(types.begin(), types.end(), PacketType::puback) == 1);
  CHECK(std::count(types.begin(), types.end(), PacketType::publish) == 2);
  for (const Seen& each : seen) {
    INFO(each.topic);
    CHECK(each.client_id == "client");
    if (each.type == PacketType::puback) CHECK(each.packet_id == 9);
    if (each.topic == "short") CHECK(each.raw == each.size);
    if (each.topic == "short") CHECK(each.packet_id != 0);
    if (each.topic != "long") continue;
    CHECK(each.size > 5'000);
    CHECK(each.raw < 100);
  }
}

TEST_CASE("an observer's topic filter keeps other packets from it") {
  FlowHarness harness;
  int calls = 0;
  base::ChainEntry<PacketEvent> entry;
  entry.call = [](void* self, PacketEvent&, base::Token) noexcept {
    ++*static_cast<int*>(self);
    return Verdict::proceeds();
  };
  entry.self = &calls;
  entry.order.phase = base::Phase::observe;
  access::set_filter(entry, {{"wanted/#"}, {}, {}});
  harness.hook_points.packet_in.swap({entry}, harness.epoch);
  TestClient client(harness);
  client.connect();
  client.publish("other", "x");
  client.publish("wanted/1", "x");
  CHECK(calls == 1);
  harness.hook_points.packet_in.swap({}, harness.epoch);
}

TEST_CASE("acl.deliver keeps a message from one receiver and not from the others") {
  FlowHarness harness;
  const ChainListener<AclDeliverEvent> acl(
      harness, harness.hook_points.acl_deliver, base::Phase::decide, [](AclDeliverEvent& event, base::Token token) {
        CHECK_FALSE(token);
        CHECK(event.message->topic() == "t");
        return event.client->client_id() == "stranger" ? Verdict::denies() : Verdict::proceeds();
      });
  TestClient friendly(harness);
  friendly.connect(as("friend"));
  friendly.subscribe("t");
  TestClient stranger(harness, 1);
  stranger.connect(as("stranger"));
  stranger.subscribe("t");
  std::string reason;
  const auto dropped = observe(harness, harness.hook_points.deliver_dropped,
                               [&reason](const hooks::DeliveryEvent& event) { reason = event.reason; });
  TestClient publisher(harness);
  publisher.connect(as("publisher"));
  publisher.publish("t", "x", Qos::at_least_once);
  CHECK(publisher.next_packet().type == PacketType::puback);
  CHECK(friendly.one_publish().payload == "x");
  CHECK(stranger.publishes().empty());
  CHECK(reason == "acl");
  CHECK(harness.counted(Counter::messages_dropped_acl) == 1);
}

TEST_CASE("acl.deliver is asked again where deliver.before sends another topic") {
  FlowHarness harness;
  std::vector<std::string> asked;
  const ChainListener<AclDeliverEvent> acl(
      harness, harness.hook_points.acl_deliver, base::Phase::decide, [&asked](AclDeliverEvent& event, base::Token) {
        asked.emplace_back(event.message->topic());
        return event.message->topic() == "secret" ? Verdict::denies() : Verdict::allows();
      });
  const ChainListener<hooks::DeliverBeforeEvent> changer(
      harness, harness.hook_points.deliver_before, base::Phase::transform, [](hooks::DeliverBeforeEvent&, base::Token) {
        mqtt::MessageFields fields;
        fields.topic = "secret";
        return Verdict::replaces_with(std::make_unique<hooks::ReplacementMessage>(mqtt::Message::create(fields)));
      });
  TestClient client(harness);
  client.connect();
  client.subscribe("#");
  client.publish("open", "x");
  CHECK(client.publishes().empty());
  CHECK(asked == std::vector<std::string>{"open", "secret"});
}

TEST_CASE("decisions that were remembered are forgotten at once, an answer under way included") {
  FlowHarness harness;
  int asked = 0;
  base::Token open;
  bool defer = false;
  const ChainListener<access::AuthorizeEvent> authorizer(harness, harness.access_points.authorize_publish,
                                                         base::Phase::decide,
                                                         [&](access::AuthorizeEvent&, base::Token token) {
                                                           ++asked;
                                                           open = token;
                                                           return defer ? Verdict::defers() : Verdict::allows();
                                                         });
  TestClient client(harness);
  client.connect();
  client.publish("t", "1");
  client.publish("t", "2");
  CHECK(asked == 1);
  const base::ShardId home = client.shard();
  const auto forget = [&] {
    harness.turn(home, [&] { harness.find_session("client")->channel()->forget_decisions(); });
  };
  forget();
  client.publish("t", "3");
  CHECK(asked == 2);
  harness.turn(home, [&] { harness.environment(home).access.invalidate_caches(); });
  client.publish("t", "4");
  CHECK(asked == 3);

  defer = true;
  client.publish("slow", "5");
  CHECK(asked == 4);
  forget();
  harness.completions.complete(open, Verdict::allows());
  harness.settle();
  defer = false;
  client.ping();
  client.publish("slow", "6");
  CHECK(asked == 5);  // what was asked before was not remembered
  client.publish("slow", "7");
  CHECK(asked == 5);
}

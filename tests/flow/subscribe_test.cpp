// SUBSCRIBE and UNSUBSCRIBE (MQTT 5.0 sections 3.8 to 3.11), shared and exclusive subscriptions (4.8).

#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "router/shared_group.h"
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

namespace {

ConnectOptions named(std::string client_id, uint32_t expiry_s = 0) {
  ConnectOptions options;
  options.client_id = std::move(client_id);
  options.clean_start = expiry_s == 0;
  options.session_expiry_interval_s = expiry_s;
  return options;
}

std::vector<uint8_t> codes(std::initializer_list<ReasonCode> reasons) {
  std::vector<uint8_t> bytes;
  for (const ReasonCode reason : reasons) bytes.push_back(static_cast<uint8_t>(reason));
  return bytes;
}

/// Members of one group, spread over both shards.
struct Group {
  Group(FlowHarness& harness, int size, const std::string& filter, uint32_t expiry_s = 100) {
    for (int i = 0; i < size; ++i) {
      members.push_back(std::make_unique<TestClient>(harness));
      members.back()->connect(named("member-" + std::to_string(i), expiry_s));
      members.back()->subscribe(filter);
    }
  }
  std::vector<size_t> counts(bool acknowledge = true) {
    std::vector<size_t> result;
    for (const auto& member : members) {
      const auto got = member->publishes();
      if (acknowledge) member->acknowledge_all(got);
      result.push_back(got.size());
    }
    return result;
  }
  /// All that there is for each, window after window.
  std::vector<size_t> totals() {
    std::vector<size_t> result(members.size());
    for (bool any = true; any;) {
      any = false;
      const std::vector<size_t> some = counts();
      for (size_t i = 0; i < some.size(); ++i) {
        result[i] += some[i];
        any = any || some[i] > 0;
      }
    }
    return result;
  }
  std::vector<std::unique_ptr<TestClient>> members;
};

}  // namespace

TEST_CASE(
    "subscribe: one SUBACK answers all filters, in their order "
    "[MQTT-3.8.4-1], [MQTT-3.8.4-2], [MQTT-3.8.4-5], [MQTT-3.8.4-6], [MQTT-3.9.3-1]") {
  for (const ProtocolVersion version : {ProtocolVersion::v3_1_1, ProtocolVersion::v5}) {
    FlowHarness harness;
    TestClient client(harness);
    ConnectOptions options = named("c");
    options.version = version;
    client.connect(options);
    const ReceivedPacket suback = client.subscribe_all({{"a", Qos::exactly_once},
                                                        {"b/#/c", Qos::at_most_once},
                                                        {"c+", Qos::at_most_once},
                                                        {"+/d", Qos::at_least_once},
                                                        {"$share//x", Qos::at_most_once},
                                                        {"$exclusive/x", Qos::at_most_once}});
    CHECK(suback.type == PacketType::suback);
    CHECK(suback.packet_id == 1);
    // [MQTT-4.7.1-1], [MQTT-4.7.1-2], [MQTT-4.8.2-1], [MQTT-4.8.2-2]
    const auto bad = version == ProtocolVersion::v5 ? ReasonCode::topic_filter_invalid : ReasonCode::unspecified_error;
    CHECK(suback.reason_codes == codes({ReasonCode::granted_qos_2, bad, bad, ReasonCode::granted_qos_1, bad, bad}));
    CHECK(harness.counted(Counter::subscriptions) == 2);
    client.publish("a", "x");
    client.publish("1/d", "x");
    CHECK(client.publishes().size() == 2);
  }
}

TEST_CASE("subscribe: a subscription made again replaces the one before [MQTT-3.8.4-3]") {
  FlowHarness harness;
  TestClient client(harness);
  client.connect(named("c"));
  client.subscribe("t", Qos::exactly_once, 1);
  client.subscribe("t", Qos::at_most_once, 2);
  CHECK(harness.counted(Counter::subscriptions) == 1);
  client.publish("t", "x", Qos::exactly_once);
  const ReceivedPublish got = client.one_publish();
  CHECK(got.qos == Qos::at_most_once);
  CHECK(got.subscription_identifiers == std::vector<uint32_t>{2});
}

TEST_CASE("subscribe: what is switched off has its own reason") {
  FlowOptions options;
  options.session.wildcard_subscription_available = false;
  options.session.shared_subscription_available = false;
  options.session.maximum_qos = Qos::at_least_once;
  options.session.maximum_subscriptions = 2;
  FlowHarness harness(options);
  TestClient client(harness);
  client.connect(named("c"));
  const ReceivedPacket suback = client.subscribe_all({{"a/#", Qos::at_most_once},
                                                      {"$share/g/a", Qos::at_most_once},
                                                      {"$queue/a", Qos::at_most_once},
                                                      {"a", Qos::exactly_once},
                                                      {"b", Qos::at_most_once},
                                                      {"c", Qos::at_most_once},
                                                      {"a", Qos::at_most_once}});
  CHECK(suback.reason_codes ==
        codes({ReasonCode::wildcard_subscriptions_not_supported, ReasonCode::shared_subscriptions_not_supported,
               ReasonCode::shared_subscriptions_not_supported, ReasonCode::granted_qos_1, ReasonCode::success,
               ReasonCode::quota_exceeded, ReasonCode::success}));
}

TEST_CASE("subscribe: $SYS is for clients on loopback, and no wildcard at the front reaches it [MQTT-4.7.2-1]") {
  FlowHarness harness;
  TestClient local(harness);
  local.connect(named("local"));
  TestClient remote(harness);
  remote.set_peer_loopback(false);
  remote.connect(named("remote"));
  CHECK(local.subscribe("$SYS/brokers/#", Qos::at_most_once).reason_codes == codes({ReasonCode::success}));
  CHECK(remote.subscribe("$SYS/brokers/#").reason_codes == codes({ReasonCode::not_authorized}));
  CHECK(remote.subscribe("$share/g/$SYS/#").reason_codes == codes({ReasonCode::not_authorized}));
  remote.subscribe("#");
  remote.subscribe("+/brokers");
  harness.turn(0, [&] {
    mqtt::MessageFields fields;
    fields.topic = "$SYS/brokers";
    fields.flags = mqtt::MessageFlags::system;
    static_cast<void>(harness.environment(0).router.route(mqtt::Message::create(fields)));
  });
  harness.settle();
  CHECK(local.publishes().size() == 1);
  CHECK(remote.publishes().empty());
}

TEST_CASE("subscribe: $exclusive has one holder at a time") {
  FlowOptions options;
  options.router.exclusive_subscription_available = true;
  FlowHarness harness(options);
  TestClient first(harness);
  first.connect(named("first"));
  TestClient second(harness);
  second.connect(named("second"));
  CHECK(first.subscribe("$exclusive/t").reason_codes == codes({ReasonCode::granted_qos_2}));
  CHECK(second.subscribe("$exclusive/t").reason_codes == codes({ReasonCode::quota_exceeded}));
  second.publish("t", "x");
  CHECK(first.publishes().size() == 1);
  first.drop();
  CHECK(second.subscribe("$exclusive/t").reason_codes == codes({ReasonCode::granted_qos_2}));
}

TEST_CASE("subscribe: no-local on a shared subscription is a protocol error [MQTT-3.8.3-4]") {
  FlowHarness harness;
  TestClient client(harness);
  client.connect(named("c"));
  mqtt::SubscriptionOptions options;
  options.no_local = true;
  CHECK(client.subscribe("$share/g/t", Qos::at_most_once, 0, options).reason == ReasonCode::protocol_error);
  CHECK(client.closed());
  CHECK(harness.counted(Counter::subscriptions) == 0);
}

TEST_CASE("subscribe: a deferred answer in the middle keeps order and the rest waiting [MQTT-3.8.4-7]") {
  FlowHarness harness;
  base::Token open;
  const ChainListener<access::AuthorizeEvent> authorizer(
      harness, harness.access_points.authorize_subscribe, base::Phase::decide,
      [&open](access::AuthorizeEvent& event, base::Token token) {
        if (event.topic == "no") return base::Verdict::denies(0x8A);  // SUBACK has no "banned" [MQTT-3.9.3-2]
        if (event.topic != "slow") return base::Verdict::allows();
        open = token;
        return base::Verdict::defers();
      });
  TestClient client(harness);
  client.connect(named("c"));
  std::vector<uint8_t> list;
  for (const char* topic_filter : {"a", "slow", "no", "b"}) mqtt::append_subscription(list, {topic_filter, {}});
  mqtt::Subscribe packet;
  packet.packet_id = 77;
  packet.subscriptions = {list, 4};
  client.send(packet);
  client.ping();
  CHECK_FALSE(client.has_packets());
  base::Verdict lower = base::Verdict::allows();
  lower.argument = 1;  // QoS 0 at most
  harness.completions.complete(open, lower);
  const ReceivedPacket suback = client.next_packet();
  CHECK(suback.packet_id == 77);
  CHECK(suback.reason_codes ==
        codes({ReasonCode::success, ReasonCode::success, ReasonCode::not_authorized, ReasonCode::success}));
  CHECK(client.next_packet().type == PacketType::pingresp);
  client.send(packet);
  client.drop();
  CHECK(harness.completions.complete(open, base::Verdict::allows()) == base::CompletionStatus::stale);
  CHECK(harness.counted(Counter::subscriptions) == 0);
}

TEST_CASE("subscribe: hooks may rewrite or refuse a filter, now or later, and hear what was done") {
  FlowHarness harness;
  base::Token open;
  const ChainListener<hooks::SubscribeRewriteEvent> rewrite(
      harness, harness.hook_points.subscribe_rewrite, base::Phase::transform,
      [&open](hooks::SubscribeRewriteEvent& event, base::Token token) {
        if (event.topic_filter == "old") {
          return base::Verdict::replaces_with(std::make_unique<hooks::ReplacementText>("new"));
        }
        if (event.topic_filter == "bad") {
          return base::Verdict::replaces_with(std::make_unique<hooks::ReplacementText>("#/bad"));
        }
        if (event.topic_filter == "later") {
          open = token;
          return base::Verdict::defers();
        }
        return event.topic_filter == "no" ? base::Verdict::denies(0x97) : base::Verdict::proceeds();
      });
  std::vector<std::string> done;
  const auto observer = observe(harness, harness.hook_points.subscribe_done,
                                [&done](hooks::SubscriptionEvent& event) { done.emplace_back(event.topic_filter); });
  TestClient client(harness);
  client.connect(named("c"));
  std::vector<uint8_t> list;
  for (const char* topic_filter : {"old", "later", "no", "bad"}) mqtt::append_subscription(list, {topic_filter, {}});
  mqtt::Subscribe packet;
  packet.packet_id = 1;
  packet.subscriptions = {list, 4};
  client.send(packet);
  harness.completions.complete(open, base::Verdict::proceeds());
  CHECK(client.next_packet().reason_codes == codes({ReasonCode::success, ReasonCode::success,
                                                    ReasonCode::quota_exceeded, ReasonCode::topic_filter_invalid}));
  CHECK(done == std::vector<std::string>{"new", "later"});
  client.publish("new", "x");
  CHECK(client.publishes().size() == 1);
}

TEST_CASE("subscribe: configured subscriptions come with the connection, placeholders filled in") {
  FlowOptions options;
  options.session.auto_subscriptions = {{"inbox/${clientid}", 1}, {"user/${username}", 2}, {"all", 0}};
  FlowHarness harness(options);
  TestClient client(harness);
  ConnectOptions connect = named("c1");
  connect.user_name = "a/b";  // must not bring a level in
  client.connect(connect);
  CHECK(harness.counted(Counter::subscriptions) == 2);
  CHECK_FALSE(client.has_packets());  // no SUBACK for what it did not ask for
  client.publish("inbox/c1", "x", Qos::exactly_once);
  CHECK(client.one_publish().qos == Qos::at_least_once);
}

TEST_CASE("subscribe: a placeholder's value is never read as more than a value") {
  FlowOptions options;
  options.session.auto_subscriptions = {{"${clientid}/x", 0}, {"inbox/${clientid}", 0}};
  FlowHarness harness(options);
  TestClient system(harness);
  system.connect(named("$SYS"));  // gets no part of $SYS, but its own inbox
  CHECK(harness.counted(Counter::subscriptions) == 1);
  TestClient nested(harness);
  ConnectOptions connect = named("${username}");
  connect.user_name = "victim";
  nested.connect(connect);
  nested.publish("inbox/victim", "secret");
  CHECK(nested.publishes().empty());
}

TEST_CASE("subscribe: filters are rewritten the same way when they are given up") {
  FlowOptions options;
  options.rewrite = {{router::TopicRewrite::Action::subscribe, "x/#", "^x/(.+)$", "y/$1"}};
  FlowHarness harness(options);
  TestClient client(harness);
  client.connect(named("c"));
  client.subscribe("x/1");
  client.publish("y/1", "x");
  CHECK(client.publishes().size() == 1);
  CHECK(client.unsubscribe("x/1").reason_codes == codes({ReasonCode::success}));
  CHECK(harness.counted(Counter::subscriptions) == 0);
}

TEST_CASE(
    "unsubscribe: ends the subscription, and is answered in any case "
    "[MQTT-3.10.4-1], [MQTT-3.10.4-2], [MQTT-3.10.4-4], [MQTT-3.10.4-5], [MQTT-3.11.3-1]") {
  FlowHarness harness;
  TestClient client(harness);
  client.connect(named("c"));
  client.subscribe("t");
  client.subscribe("$share/g/t");
  CHECK(harness.counted(Counter::subscriptions_shared) == 1);
  std::vector<uint8_t> list;
  for (const char* topic_filter : {"T", "t", "t", "$share/g/t"}) mqtt::append_topic_filter(list, topic_filter);
  mqtt::Unsubscribe packet;
  packet.packet_id = 9;
  packet.topic_filters = {list, 4};
  client.send(packet);
  const ReceivedPacket unsuback = client.next_packet();
  CHECK((unsuback.type == PacketType::unsuback && unsuback.packet_id == 9));
  CHECK(unsuback.reason_codes == codes({ReasonCode::no_subscription_existed, ReasonCode::success,
                                        ReasonCode::no_subscription_existed, ReasonCode::success}));
  client.publish("t", "x");
  CHECK(client.publishes().empty());
  CHECK(harness.counted(Counter::subscriptions) == 0);
  CHECK(harness.counted(Counter::subscriptions_shared) == 0);
}

TEST_CASE("unsubscribe: what was on its way is completed [MQTT-3.10.4-3]") {
  FlowHarness harness;
  TestClient client(harness);
  client.connect(named("c"));
  client.subscribe("t");
  client.publish("t", "x", Qos::exactly_once);
  client.unsubscribe("t");
  const auto got = client.publishes();
  REQUIRE(got.size() == 1);
  CHECK(harness.find_session("c")->inflight_messages() == 1);
}

TEST_CASE("shared: each message to one member, by every strategy, over two shards") {
  using router::SharedStrategy;
  for (const auto strategy :
       {SharedStrategy::random, SharedStrategy::round_robin, SharedStrategy::round_robin_per_group,
        SharedStrategy::sticky, SharedStrategy::local, SharedStrategy::hash_clientid, SharedStrategy::hash_topic}) {
    FlowOptions options;
    options.router.shared_strategy = strategy;
    FlowHarness harness(options);
    Group group(harness, 6, "$share/g/t/#");
    TestClient publisher(harness);
    publisher.connect(named("publisher"));
    for (int i = 0; i < 60; ++i) publisher.publish("t/" + std::to_string(i), "x", Qos::at_least_once);
    size_t sum = 0;
    std::set<size_t> spread;
    for (const size_t count : group.totals()) {
      sum += count;
      if (count > 0) spread.insert(count);
    }
    CHECK(sum == 60);
    if (strategy == SharedStrategy::round_robin || strategy == SharedStrategy::round_robin_per_group)
      CHECK(spread == std::set<size_t>{10});
    if (strategy == SharedStrategy::sticky || strategy == SharedStrategy::hash_clientid)
      CHECK(spread == std::set<size_t>{60});
  }
}

TEST_CASE("shared: members that are online come first; an offline group still queues") {
  FlowHarness harness;
  Group group(harness, 4, "$queue/t");
  TestClient publisher(harness);
  publisher.connect(named("publisher"));
  group.members[0]->drop();
  group.members[2]->drop();
  for (int i = 0; i < 20; ++i) publisher.publish("t", "x", Qos::at_least_once);
  CHECK(group.members[1]->publishes().size() + group.members[3]->publishes().size() == 20);
  group.members[1]->drop();
  group.members[3]->drop();
  publisher.publish("t", "x", Qos::at_least_once);
  CHECK(harness.counted(Counter::queued_messages) == 1);
}

TEST_CASE("shared: retained messages are not sent for them") {
  FlowHarness harness;
  TestClient publisher(harness);
  publisher.connect(named("publisher"));
  publisher.publish("t", "kept", Qos::at_least_once, true);
  Group group(harness, 1, "$share/g/t");
  CHECK(group.counts() == std::vector<size_t>{0});
}

TEST_CASE("shared: what a member leaves behind goes to another, but QoS 2 that was sent does not [MQTT-4.8.2-5]") {
  FlowOptions options;
  options.session.maximum_inflight = 2;
  options.router.shared_strategy = router::SharedStrategy::hash_clientid;
  FlowHarness harness(options);
  Group group(harness, 2, "$share/g/t", 10);
  TestClient publisher(harness);
  publisher.connect(named("publisher"));
  publisher.publish("t", "1", Qos::at_least_once);
  publisher.publish("t", "2", Qos::exactly_once);
  publisher.publish("t", "3", Qos::exactly_once);
  publisher.publish("t", "4", Qos::at_least_once);
  const std::vector<size_t> got = group.counts(false);
  REQUIRE(((got[0] == 2 && got[1] == 0) || (got[0] == 0 && got[1] == 2)));
  const size_t chosen = got[0] == 2 ? 0 : 1;
  group.members[chosen]->drop();
  harness.advance_ms(10'100);
  std::string others;
  for (const ReceivedPublish& publish : group.members[1 - chosen]->publishes()) {
    others += publish.payload;
    CHECK_FALSE(publish.dup);
    group.members[1 - chosen]->acknowledge_all({publish});
  }
  for (const ReceivedPublish& publish : group.members[1 - chosen]->publishes()) others += publish.payload;
  CHECK(others == "134");
  CHECK(harness.counted(Counter::queued_messages) == 0);
}

TEST_CASE("shared: a pick that finds its session gone goes to another member, a plain delivery is counted") {
  FlowHarness harness;
  Group group(harness, 3, "$share/g/t", 0);
  TestClient plain(harness);
  plain.connect(named("plain"));
  plain.subscribe("t");
  const base::ShardId home = session::home_shard("member-0", 2);
  distribution::Delivery delivery;
  harness.turn(home, [&] {
    auto& environment = harness.environment(home);
    router::Matches matches;
    environment.index.find("t", matches);
    delivery.shared = 1;
    delivery.shared_group = matches.groups()[0]->tag();
    delivery.options.maximum_qos = 1;
    delivery.subscriber = harness.find_session("member-0")->handle();
  });
  group.members[0]->drop();
  mqtt::MessageFields fields;
  fields.topic = "t";
  fields.qos = Qos::at_least_once;
  const auto message = mqtt::Message::create(fields);
  const auto deliver = [&] {
    harness.turn(home, [&] {
      harness.environment(home).fan_out.add(delivery);
      harness.environment(home).fan_out.send(mqtt::MessageRef(message));
    });
    harness.settle();
  };
  deliver();
  size_t taken = 0;
  for (size_t i = 1; i < 3; ++i) taken += group.members[i]->acknowledge_all(group.members[i]->publishes());
  CHECK(taken == 1);
  CHECK(harness.counted(Counter::messages_dropped_session_gone) == 0);
  group.members[1]->drop();
  group.members[2]->drop();
  deliver();
  CHECK(harness.counted(Counter::messages_dropped_session_gone) == 1);
  delivery.shared = 0;
  deliver();
  CHECK(harness.counted(Counter::messages_dropped_session_gone) == 2);
}

TEST_CASE("subscribe: a SUBACK or UNSUBACK that the client does not take ends the connection [MQTT-3.1.2-24]") {
  FlowHarness harness;
  TestClient client(harness);
  ConnectOptions options;
  options.maximum_packet_size = 30;
  client.connect(options);
  ReceivedPacket bye;
  SECTION("SUBACK") {
    std::vector<std::pair<std::string, Qos>> filters;
    for (int i = 0; i < 30; ++i) filters.emplace_back("t/" + std::to_string(i), Qos::at_most_once);
    bye = client.subscribe_all(filters);  // its answer would have 35 bytes
  }
  SECTION("UNSUBACK") {
    std::vector<uint8_t> list;
    for (int i = 0; i < 30; ++i) mqtt::append_topic_filter(list, "t/" + std::to_string(i));
    mqtt::Unsubscribe packet;
    packet.packet_id = 7;
    packet.topic_filters = {list, 30};
    client.send(packet);
    bye = client.next_packet();
  }
  CHECK(bye.type == mqtt::PacketType::disconnect);
  CHECK(bye.reason == ReasonCode::packet_too_large);
  CHECK(client.closed());
  CHECK(client.close_reason() == session::CloseReason::limit);
  CHECK(harness.counted(Counter::connections_closed_reply_too_large) == 1);
}

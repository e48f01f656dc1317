// What is counted of packets, by type and direction, as EMQX's /metrics names it.

#include <catch2/catch.hpp>
#include <map>
#include <string>

#include "access/authorize.h"
#include "mqtt/packets/ping.h"
#include "session/packet_counters.h"
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

/// Every counter of packets that is not zero, a line each, by name.
std::string packets_counted(const FlowHarness& harness) {
  std::map<std::string, uint64_t> counted;
  for (size_t i = 0; i < base::kCounterCount; ++i) {
    const auto counter = static_cast<Counter>(i);
    const std::string name = base::counter_info(counter).name;
    if (name.starts_with("packets.") && harness.counted(counter) != 0) counted[name] = harness.counted(counter);
  }
  std::string lines;
  for (const auto& [name, count] : counted) lines += name + " " + std::to_string(count) + "\n";
  return lines;
}

ConnectOptions named(std::string client_id, ProtocolVersion version = ProtocolVersion::v5) {
  ConnectOptions options;
  options.client_id = std::move(client_id);
  options.version = version;
  return options;
}

/// Reads the answers that a test does not look at.
void read_answers(TestClient& client) {
  while (client.has_packets()) client.next_packet();
}

}  // namespace

TEST_CASE("packets: each type of a client's day is counted once, both ways") {
  FlowHarness harness;
  TestClient client(harness);
  client.connect(named("client"));
  client.subscribe("t");
  client.publish("t", "1", Qos::at_least_once, false, 7);
  client.publish("t", "2", Qos::exactly_once, false, 8);
  client.acknowledge(PacketType::pubrel, 8);
  read_answers(client);
  client.acknowledge_all(client.publishes());
  client.unsubscribe("t");
  client.ping();
  client.disconnect();
  CHECK(packets_counted(harness) ==
        "packets.connack.sent 1\n"
        "packets.connect.received 1\n"
        "packets.disconnect.received 1\n"
        "packets.pingreq.received 1\n"
        "packets.pingresp.sent 1\n"
        "packets.puback.received 1\n"
        "packets.puback.sent 1\n"
        "packets.pubcomp.received 1\n"
        "packets.pubcomp.sent 1\n"
        "packets.publish.received 2\n"
        "packets.publish.sent 2\n"
        "packets.pubrec.received 1\n"
        "packets.pubrec.sent 1\n"
        "packets.pubrel.received 1\n"
        "packets.pubrel.sent 1\n"
        "packets.received 11\n"
        "packets.sent 10\n"
        "packets.suback.sent 1\n"
        "packets.subscribe.received 1\n"
        "packets.unsuback.sent 1\n"
        "packets.unsubscribe.received 1\n");
}

TEST_CASE("packets: acknowledgements of identifiers that nobody uses are missed") {
  FlowHarness harness;
  TestClient client(harness);
  client.connect(named("client"));
  client.acknowledge(PacketType::puback, 1);
  client.acknowledge(PacketType::pubrec, 2);
  client.acknowledge(PacketType::pubrel, 3);
  client.acknowledge(PacketType::pubcomp, 4);
  for (const Counter missed : {Counter::packets_puback_missed, Counter::packets_pubrec_missed,
                               Counter::packets_pubrel_missed, Counter::packets_pubcomp_missed}) {
    INFO(base::counter_info(missed).name);
    CHECK(harness.counted(missed) == 1);
  }
  for (const Counter inuse :
       {Counter::packets_puback_inuse, Counter::packets_pubrec_inuse, Counter::packets_pubcomp_inuse}) {
    INFO(base::counter_info(inuse).name);
    CHECK(harness.counted(inuse) == 0);
  }
  CHECK(harness.counted(Counter::messages_acked) == 0);
}

TEST_CASE("packets: acknowledgements of identifiers that await another packet are told apart") {
  FlowHarness harness;
  TestClient client(harness);
  client.connect(named("client"));
  client.subscribe("#");
  client.publish("one", "", Qos::at_least_once, false, 1);
  client.publish("two", "", Qos::exactly_once, false, 2);
  const std::vector<ReceivedPublish> got = client.publishes();
  REQUIRE(got.size() == 2);
  client.acknowledge(PacketType::pubrec, got[0].packet_id);   // it awaits PUBACK
  client.acknowledge(PacketType::puback, got[1].packet_id);   // PUBREC
  client.acknowledge(PacketType::pubcomp, got[1].packet_id);  // PUBREC
  CHECK(harness.counted(Counter::packets_pubrec_inuse) == 1);
  CHECK(harness.counted(Counter::packets_puback_inuse) == 1);
  CHECK(harness.counted(Counter::packets_pubcomp_inuse) == 1);
  CHECK(harness.counted(Counter::packets_puback_missed) == 0);
  read_answers(client);
  CHECK(client.acknowledge_all(got) == 2);  // none of it has hurt the flows
  CHECK(harness.counted(Counter::messages_acked) == 2);
  client.acknowledge(PacketType::puback, got[0].packet_id);  // settled now
  CHECK(harness.counted(Counter::packets_puback_missed) == 1);
}

TEST_CASE("packets: a QoS 2 PUBLISH that comes again has its identifier in use [MQTT-4.3.3-10]") {
  FlowHarness harness;
  TestClient client(harness);
  client.connect(named("client"));
  client.publish("t", "2", Qos::exactly_once, false, 8);
  CHECK(harness.counted(Counter::packets_publish_inuse) == 0);
  client.publish("t", "2", Qos::exactly_once, false, 8, true);
  CHECK(harness.counted(Counter::packets_publish_inuse) == 1);
  CHECK(harness.counted(Counter::packets_pubrec_sent) == 2);
  CHECK(harness.counted(Counter::messages_received) == 1);
}

TEST_CASE("packets: refused ones are counted by type") {
  FlowHarness harness;
  const ChainListener<access::AuthorizeEvent> nobody(
      harness, harness.access_points.authorize_publish, base::Phase::decide,
      [](access::AuthorizeEvent&, base::Token) { return base::Verdict::denies(); });
  TestClient client(harness);
  client.connect(named("client"));
  client.publish("t", "0");
  client.publish("t", "1", Qos::at_least_once, false, 1);
  client.publish("t", "2", Qos::exactly_once, false, 2);
  CHECK(harness.counted(Counter::packets_publish_error) == 2);  // the two that are answered
  CHECK(harness.counted(Counter::packets_publish_auth_error) == 3);
  CHECK(harness.counted(Counter::packets_subscribe_error) == 0);
  client.subscribe_all({{"fine", Qos::at_most_once}, {"a#", Qos::at_most_once}, {"b#", Qos::at_most_once}});
  CHECK(harness.counted(Counter::packets_subscribe_error) == 1);  // one packet, two filters
  CHECK(harness.counted(Counter::packets_suback_sent) == 1);
}

TEST_CASE("packets: a CONNACK that refuses and a DISCONNECT of the broker count as sent") {
  FlowOptions options;
  options.anonymous = access::AnonymousPolicy::never;
  FlowHarness closed(std::move(options));
  TestClient refused(closed);
  refused.connect(named("refused"));
  CHECK(closed.counted(Counter::packets_connack_sent) == 1);
  CHECK(closed.counted(Counter::packets_connack_error) == 1);
  FlowHarness open;
  for (const ProtocolVersion version : {ProtocolVersion::v3_1_1, ProtocolVersion::v5}) {
    TestClient client(open);
    client.connect(named("client", version));
    client.kick(session::CloseReason::kicked);
  }
  CHECK(open.counted(Counter::packets_disconnect_sent) == 1);  // before 5.0 servers send none
}

TEST_CASE("packets: only what a server sends has a counter of sent ones") {
  for (const PacketType type : {PacketType::connect, PacketType::subscribe, PacketType::unsubscribe,
                                PacketType::pingreq, static_cast<PacketType>(0)})
    CHECK(session::sent_counter(mqtt::first_byte_of(type)) == Counter::count_);
  CHECK(session::sent_counter(0x3F) == Counter::packets_publish_sent);  // the flags are no part of the type
  CHECK(session::sent_counter(mqtt::first_byte_of(PacketType::pubrel)) == Counter::packets_pubrel_sent);
  CHECK(session::sent_counter(mqtt::first_byte_of(PacketType::auth)) == Counter::packets_auth_sent);
}

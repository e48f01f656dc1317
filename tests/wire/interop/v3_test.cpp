// The scenarios of the Eclipse Paho interoperability tests for MQTT 3.1 and 3.1.1, told again with our own client.
#include <algorithm>
#include <catch2/catch.hpp>

#include "wire/support/broker.h"
#include "wire/support/fields.h"
#include "wire/support/mqtt_client.h"

namespace patchbay::wire {
namespace {

const std::vector<std::string> kTopics = {"TopicA", "TopicA/B", "Topic/C", "TopicA/C", "/TopicA"};
const std::vector<std::string> kWildFilters = {"TopicA/+", "+/C", "#", "/#", "/+", "+/+", "TopicA/#"};

ConnectOptions v3(const std::string& client_id, uint8_t version = 4, bool clean = true) {
  return {.version = version, .client_id = client_id, .clean_start = clean};
}

MqttClient connected(const Broker& broker, const ConnectOptions& options) {
  return MqttClient::connected(broker.tcp_port(), options);
}

std::vector<std::string> sorted(std::vector<std::string> texts) {
  std::sort(texts.begin(), texts.end());
  return texts;
}

}  // namespace

TEST_CASE("v3 basic: every QoS comes back to the one who published", "[interop]") {
  const uint8_t version = GENERATE(uint8_t{3}, uint8_t{4});
  Broker broker;
  MqttClient client = connected(broker, v3("myclientid", version));
  CHECK(client.subscribe({{kTopics[0], 2}}).reason_codes == std::vector<uint8_t>{2});
  client.publish(kTopics[0], "qos 0", 0);
  client.publish(kTopics[0], "qos 1", 1);
  client.publish(kTopics[0], "qos 2", 2);
  for (uint8_t qos = 0; qos <= 2; ++qos) {
    const Publish message = client.receive();
    CHECK(message.qos == qos);
    CHECK(message.topic == kTopics[0]);
    CHECK(message.payload == "qos " + std::to_string(qos));
    CHECK_FALSE(message.dup);
  }
  CHECK(client.quiet());
  client.ping();  // [MQTT-3.12.4-1]
  client.disconnect();
}

TEST_CASE("v3: a second CONNECT ends the connection [MQTT-3.1.0-2]", "[interop]") {
  Broker broker;
  MqttClient client = connected(broker, v3("twice"));
  client.send(connect_packet(v3("twice")));
  CHECK(client.closed());
}

TEST_CASE("v3: another protocol name or version is refused [MQTT-3.1.2-1] [MQTT-3.1.2-2]", "[interop]") {
  Broker broker;
  MqttClient wrong_version(broker.tcp_port(), v3("hj"));
  wrong_version.send(packet(0x10, field("MQTT") + "\x09\x02" + two_bytes(60) + field("hj")));
  // The answer has the form of the newest version that the broker knows.
  CHECK(read_connack(5, wrong_version.expect(packet_type::kConnack)).reason_code == 0x84);
  CHECK(wrong_version.closed());

  MqttClient wrong_name(broker.tcp_port(), v3("hj"));
  wrong_name.send(packet(0x10, field("hjhj") + "\x04\x02" + two_bytes(60) + field("hj")));
  CHECK(wrong_name.socket().closed_by_peer());
}

TEST_CASE(
    "v3 retained messages: kept by topic, deleted by an empty payload [MQTT-3.3.1-5] [MQTT-3.3.1-7] [MQTT-3.3.1-8]",
    "[interop]") {
  const uint8_t version = GENERATE(uint8_t{3}, uint8_t{4});
  Broker broker;
  MqttClient client = connected(broker, v3("retainer", version));
  client.publish(kTopics[1], "qos 0", 0, true);
  client.publish(kTopics[2], "qos 1", 1, true);
  client.publish(kTopics[3], "qos 2", 2, true);
  client.subscribe({{kWildFilters[5], 2}});
  std::vector<std::string> payloads;
  for (int count = 0; count < 3; ++count) {
    const Publish message = client.receive();
    CHECK(message.retain);
    CHECK(message.payload == "qos " + std::to_string(message.qos));
    payloads.push_back(message.payload);
  }
  CHECK(sorted(payloads) == std::vector<std::string>{"qos 0", "qos 1", "qos 2"});
  // A live message is no retained one for who is subscribed already [MQTT-3.3.1-12].
  client.publish(kTopics[1], "live", 0, true);
  CHECK_FALSE(client.receive().retain);

  client.publish(kTopics[1], "", 0, true);
  client.publish(kTopics[2], "", 1, true);
  client.publish(kTopics[3], "", 2, true);
  CHECK(client.receive_payloads(3) == std::vector<std::string>{"", "", ""});
  MqttClient later = connected(broker, v3("later", version));
  later.subscribe({{kWildFilters[5], 2}});
  CHECK(later.quiet());
}

TEST_CASE("v3 offline queueing: QoS 1 and 2 wait for a session that is kept", "[interop]") {
  const uint8_t version = GENERATE(uint8_t{3}, uint8_t{4});
  Broker broker;
  MqttClient first = connected(broker, v3("sleeper", version, false));
  CHECK_FALSE(first.connack().session_present);
  first.subscribe({{kWildFilters[5], 2}});
  first.disconnect();

  MqttClient publisher = connected(broker, v3("publisher", version));
  publisher.publish(kTopics[1], "qos 0", 0);
  publisher.publish(kTopics[2], "qos 1", 1);
  publisher.publish(kTopics[3], "qos 2", 2);

  MqttClient again = connected(broker, v3("sleeper", version, false));
  // 3.1 has no session present flag.
  if (version == 4) CHECK(again.connack().session_present);
  std::vector<std::string> payloads = again.receive_payloads(2);
  // Queueing QoS 0 too is a server's choice; ours does by default.
  if (!again.quiet()) payloads.push_back(again.receive().payload);
  CHECK(payloads == std::vector<std::string>{"qos 0", "qos 1", "qos 2"});
  again.disconnect();

  MqttClient clean = connected(broker, v3("sleeper", version, true));
  CHECK_FALSE(clean.connack().session_present);
  publisher.publish(kTopics[1], "nobody", 1);
  CHECK(clean.quiet());
}

TEST_CASE("v3 will: sent when the connection breaks, not after DISCONNECT [MQTT-3.1.2-8] [MQTT-3.14.4-3]",
          "[interop]") {
  const uint8_t version = GENERATE(uint8_t{3}, uint8_t{4});
  Broker broker;
  MqttClient watcher = connected(broker, v3("watcher", version));
  watcher.subscribe({{kTopics[2], 2}});
  ConnectOptions mortal = v3("mortal", version);
  mortal.will = Will{.topic = kTopics[2], .payload = "client not disconnected", .qos = 1, .retain = true};

  connected(broker, mortal).disconnect();
  CHECK(watcher.quiet());

  connected(broker, mortal).drop();
  const Publish will = watcher.receive();
  CHECK(will.payload == "client not disconnected");
  CHECK(will.qos == 1);
  CHECK_FALSE(will.retain);
  MqttClient late = connected(broker, v3("late", version));
  late.subscribe({{kTopics[2], 0}});
  CHECK(late.receive().retain);
}

TEST_CASE("v3 overlapping subscriptions: the highest QoS once, or each of them [MQTT-3.3.4-2]", "[interop]") {
  Broker broker;
  MqttClient client = connected(broker, v3("overlap"));
  client.subscribe({{kWildFilters[6], 2}, {kWildFilters[0], 1}});
  client.publish(kTopics[3], "overlapping topic filters", 2);
  const Publish message = client.receive();
  CHECK(message.qos == 2);
  CHECK(message.payload == "overlapping topic filters");
  CHECK(client.quiet());
}

TEST_CASE("v3 keep alive: silence of one and a half times ends the connection, with the will [MQTT-3.1.2-22]",
          "[interop]") {
  Broker broker;
  MqttClient watcher = connected(broker, v3("watcher"));
  watcher.subscribe({{"alive/will", 2}});
  ConnectOptions silent = v3("silent");
  silent.keep_alive_s = 1;
  silent.will = Will{.topic = "alive/will", .payload = "keepalive expired"};
  MqttClient client = connected(broker, silent);
  CHECK(watcher.quiet(1000ms));
  CHECK(client.closed(3s));
  CHECK(watcher.receive().payload == "keepalive expired");
}

TEST_CASE(
    "v3 redelivery: what was not acknowledged comes again, marked dup, in its order [MQTT-3.3.1-1] [MQTT-4.4.0-1] "
    "[MQTT-4.6.0-1]",
    "[interop]") {
  const uint8_t version = GENERATE(uint8_t{3}, uint8_t{4});
  Broker broker;
  MqttClient first = connected(broker, v3("forgetful", version, false));
  first.acknowledge_by_hand();
  first.subscribe({{kWildFilters[6], 2}});
  MqttClient publisher = connected(broker, v3("publisher", version));
  publisher.publish(kTopics[1], "one", 1);
  publisher.publish(kTopics[3], "two", 2);
  const Publish one = first.receive();
  const Publish two = first.receive();
  CHECK(one.payload == "one");
  CHECK(two.payload == "two");
  first.drop();

  MqttClient again = connected(broker, v3("forgetful", version, false));
  const Publish one_again = again.receive();
  const Publish two_again = again.receive();
  CHECK(one_again.payload == "one");
  CHECK(one_again.packet_id == one.packet_id);
  CHECK(two_again.payload == "two");
  CHECK(two_again.packet_id == two.packet_id);
  // 3.1 leaves the flag open for a resent message of a new connection; the later versions demand it.
  CHECK(one_again.dup);
  CHECK(two_again.dup);
  CHECK(again.quiet());
}

TEST_CASE(
    "v3 redelivery: a PUBREL is repeated, the message behind it is not [MQTT-4.3.3-4] [MQTT-4.3.3-5] [MQTT-4.3.3-6]",
    "[interop]") {
  Broker broker;
  MqttClient first = connected(broker, v3("halfway", 4, false));
  first.acknowledge_by_hand();
  first.subscribe({{"half/way", 2}});
  MqttClient publisher = connected(broker, v3("publisher"));
  publisher.publish("half/way", "once", 2);
  const Publish message = first.receive();
  first.acknowledge(packet_type::kPubrec, message.packet_id);
  CHECK(read_acknowledgement(4, first.expect(packet_type::kPubrel)).packet_id == message.packet_id);
  first.drop();

  MqttClient again = connected(broker, v3("halfway", 4, false));
  again.acknowledge_by_hand();
  CHECK(read_acknowledgement(4, again.expect(packet_type::kPubrel)).packet_id == message.packet_id);
  again.acknowledge(packet_type::kPubcomp, message.packet_id);
  CHECK(again.quiet());
}

TEST_CASE("v3: a QoS 2 message sent twice is delivered once [MQTT-4.3.3-8] [MQTT-4.3.3-10] [MQTT-4.3.3-11]",
          "[interop]") {
  Broker broker;
  MqttClient client = connected(broker, v3("exactly"));
  MqttClient subscriber = connected(broker, v3("once"));
  subscriber.subscribe({{"exactly/once", 2}});
  Publish message{.topic = "exactly/once", .payload = "a", .qos = 2, .packet_id = 7};
  client.send(publish_packet(4, message));
  client.expect(packet_type::kPubrec);
  message.dup = true;
  client.send(publish_packet(4, message));
  CHECK(read_acknowledgement(4, client.expect(packet_type::kPubrec)).packet_id == 7);
  client.acknowledge(packet_type::kPubrel, 7);
  client.expect(packet_type::kPubcomp);
  CHECK(subscriber.receive().payload == "a");
  CHECK(subscriber.quiet());
}

TEST_CASE("v3 zero length client id: only with a clean session [MQTT-3.1.3-6] [MQTT-3.1.3-8]", "[interop]") {
  Broker broker;
  MqttClient kept(broker.tcp_port(), v3("", 4, false));
  CHECK(kept.connect().reason_code == 2);
  CHECK(kept.closed());
  MqttClient clean(broker.tcp_port(), v3("", 4, true));
  CHECK(clean.connect().reason_code == 0);
  // 3.1 asks for at least one character.
  MqttClient old(broker.tcp_port(), v3("", 3, true));
  CHECK(old.connect().reason_code == 2);
}

TEST_CASE("v3 subscribe failure: the SUBACK says 0x80 and the rest of the list holds", "[interop]") {
  Broker broker({"mqtt.max_topic_levels=3"});
  MqttClient client = connected(broker, v3("subscriber"));
  CHECK(client.subscribe({{"a/b", 1}, {"a/b/c/d", 1}, {"a/+", 0}}).reason_codes == std::vector<uint8_t>{1, 0x80, 0});
  client.publish("a/b", "here", 1);
  CHECK(client.receive().payload == "here");
}

TEST_CASE("v3 $ topics: wildcards at the front do not see them [MQTT-4.7.2-1]", "[interop]") {
  Broker broker;
  MqttClient client = connected(broker, v3("dollar"));
  client.subscribe({{"#", 2}, {"+/name", 2}});
  client.publish("$TopicA/name", "not for a wildcard", 1);
  CHECK(client.quiet());
  client.subscribe({{"$TopicA/#", 2}});
  client.publish("$TopicA/name", "named", 1);
  CHECK(client.receive().payload == "named");
}

TEST_CASE("v3 unsubscribe: nothing comes for the filter that went [MQTT-3.10.4-2]", "[interop]") {
  const uint8_t version = GENERATE(uint8_t{3}, uint8_t{4});
  Broker broker;
  MqttClient client = connected(broker, v3("leaver", version));
  client.subscribe({{kTopics[0], 2}, {kTopics[1], 2}, {kTopics[2], 2}});
  CHECK(client.unsubscribe({kTopics[0]}).reason_codes.empty());
  MqttClient publisher = connected(broker, v3("publisher", version));
  publisher.publish(kTopics[0], "gone", 1);
  publisher.publish(kTopics[1], "b", 1);
  publisher.publish(kTopics[2], "c", 1);
  CHECK(client.receive_payloads(2) == std::vector<std::string>{"b", "c"});
  CHECK(client.quiet());
  client.unsubscribe({"never/subscribed"});
}

TEST_CASE("v3 shared subscriptions: each message goes to one member of the group", "[interop]") {
  Broker broker;
  MqttClient one = connected(broker, v3("one"));
  MqttClient two = connected(broker, v3("two"));
  MqttClient outside = connected(broker, v3("outside"));
  for (MqttClient* member : {&one, &two}) member->subscribe({{"$share/readers/jobs/#", 1}});
  outside.subscribe({{"jobs/#", 1}});
  MqttClient publisher = connected(broker, v3("publisher"));
  for (int job = 0; job < 10; ++job) publisher.publish("jobs/" + std::to_string(job), std::to_string(job), 1);
  CHECK(outside.receive_payloads(10).size() == 10);
  std::vector<std::string> shared;
  for (MqttClient* member : {&one, &two}) {
    while (!member->quiet()) shared.push_back(member->receive().payload);
  }
  CHECK(sorted(shared) == std::vector<std::string>{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"});
}

TEST_CASE("v3 take-over: the same client id ends the older connection [MQTT-3.1.4-3]", "[interop]") {
  Broker broker;
  MqttClient older = connected(broker, v3("same"));
  MqttClient newer = connected(broker, v3("same"));
  CHECK(older.closed());
  newer.ping();
}

TEST_CASE("v3 subscribing again replaces the QoS and sends retained messages again [MQTT-3.8.4-3]", "[interop]") {
  Broker broker;
  MqttClient client = connected(broker, v3("again"));
  client.publish("again/a", "kept", 1, true);
  client.subscribe({{"again/a", 0}});
  CHECK(client.receive().qos == 0);
  client.subscribe({{"again/a", 1}});
  const Publish second = client.receive();
  CHECK(second.qos == 1);
  CHECK(second.retain);
  client.publish("again/a", "live", 1);
  CHECK(client.receive().qos == 1);
  CHECK(client.quiet());
}

}  // namespace patchbay::wire

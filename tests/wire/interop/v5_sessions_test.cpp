// The scenarios of the Eclipse Paho interoperability tests for MQTT 5.0: sessions, identifiers, keep alive.
#include <catch2/catch.hpp>

#include "wire/support/broker.h"
#include "wire/support/mqtt_client.h"

namespace patchbay::wire {
namespace {

ConnectOptions with_expiry(const std::string& client_id, uint32_t expiry_s, bool clean_start = false) {
  ConnectOptions options{.client_id = client_id, .clean_start = clean_start};
  options.properties.add(property::kSessionExpiryInterval, expiry_s);
  return options;
}

MqttClient connected(const Broker& broker, const ConnectOptions& options) {
  return MqttClient::connected(broker.tcp_port(), options);
}

}  // namespace

TEST_CASE("v5 session expiry: absent or 0 ends the session with the connection [MQTT-3.1.2-23]", "[interop]") {
  Broker broker;
  connected(broker, {.client_id = "short"}).disconnect();
  CHECK_FALSE(connected(broker, {.client_id = "short", .clean_start = false}).connack().session_present);
}

TEST_CASE("v5 session expiry: kept for the interval, gone past it [MQTT-3.1.2-5] [MQTT-3.1.2-6]", "[interop]") {
  Broker broker;
  MqttClient first = connected(broker, with_expiry("timed", 2));
  CHECK_FALSE(first.connack().session_present);
  first.subscribe({{"timed/a", 1}});
  first.disconnect();
  MqttClient second = connected(broker, with_expiry("timed", 2));
  CHECK(second.connack().session_present);
  // The subscription is part of the session.
  second.publish("timed/a", "still here", 1);
  CHECK(second.receive().payload == "still here");
  second.disconnect();
  MqttClient other = connected(broker, {.client_id = "other"});
  CHECK(other.quiet(3500ms));
  CHECK_FALSE(connected(broker, with_expiry("timed", 2)).connack().session_present);
}

TEST_CASE("v5 session expiry: DISCONNECT may shorten or lengthen it, but not from 0 [MQTT-3.1.2-23]", "[interop]") {
  Broker broker;
  MqttClient shortened = connected(broker, with_expiry("shortened", 600));
  shortened.disconnect(0, Properties().add(property::kSessionExpiryInterval, 0));
  CHECK_FALSE(connected(broker, with_expiry("shortened", 600)).connack().session_present);

  MqttClient lengthened = connected(broker, with_expiry("lengthened", 1));
  lengthened.disconnect(0, Properties().add(property::kSessionExpiryInterval, 600));
  CHECK(connected(broker, {.client_id = "waiting"}).quiet(2500ms));
  CHECK(connected(broker, with_expiry("lengthened", 600)).connack().session_present);

  // A protocol error where CONNECT said 0, section 3.14.2.2.2.
  MqttClient from_zero = connected(broker, {.client_id = "from zero"});
  from_zero.send(disconnect_packet(5, 0, Properties().add(property::kSessionExpiryInterval, 5)));
  CHECK(from_zero.expect_disconnect().reason_code == 0x82);
}

TEST_CASE("v5 clean start ends an older session [MQTT-3.1.2-4]", "[interop]") {
  Broker broker;
  MqttClient first = connected(broker, with_expiry("cleaner", 600));
  first.subscribe({{"old", 1}});
  first.disconnect();
  MqttClient second = connected(broker, with_expiry("cleaner", 600, true));
  CHECK_FALSE(second.connack().session_present);
  second.publish("old", "nobody", 1);
  CHECK(second.quiet());
}

TEST_CASE("v5 offline queueing: messages wait, within the limit of the queue", "[interop]") {
  Broker broker({"mqtt.max_mqueue_len=3"});
  MqttClient first = connected(broker, with_expiry("sleeper", 600));
  first.subscribe({{"offline/#", 2}});
  first.disconnect();
  MqttClient publisher = connected(broker, {.client_id = "publisher"});
  for (int count = 1; count <= 5; ++count) publisher.publish("offline/a", std::to_string(count), 1);
  MqttClient again = connected(broker, with_expiry("sleeper", 600));
  // The oldest give way.
  CHECK(again.receive_payloads(3) == std::vector<std::string>{"3", "4", "5"});
  CHECK(again.quiet());
}

TEST_CASE("v5 assigned client id: told in CONNACK and good for the next connection [MQTT-3.2.2-16]", "[interop]") {
  Broker broker;
  ConnectOptions nameless = with_expiry("", 600, true);
  MqttClient first = connected(broker, nameless);
  const std::string assigned = first.connack().properties.text(property::kAssignedClientIdentifier);
  CHECK_FALSE(assigned.empty());
  MqttClient other = connected(broker, nameless);
  CHECK(other.connack().properties.text(property::kAssignedClientIdentifier) != assigned);
  first.disconnect();
  MqttClient again = connected(broker, with_expiry(assigned, 600));
  CHECK(again.connack().session_present);
  CHECK_FALSE(again.connack().properties.has(property::kAssignedClientIdentifier));
}

TEST_CASE("v5 zero length client id is allowed without clean start too [MQTT-3.1.3-6]", "[interop]") {
  Broker broker;
  MqttClient client(broker.tcp_port(), {.client_id = "", .clean_start = false});
  const Connack connack = client.connect();
  CHECK(connack.reason_code == 0);
  CHECK_FALSE(connack.session_present);
  CHECK(connack.properties.has(property::kAssignedClientIdentifier));
}

TEST_CASE("v5 take-over: the older connection is told 0x8E [MQTT-3.1.4-3]", "[interop]") {
  Broker broker;
  MqttClient older = connected(broker, with_expiry("same", 600));
  older.subscribe({{"same/a", 1}});
  MqttClient newer = connected(broker, with_expiry("same", 600));
  CHECK(newer.connack().session_present);
  CHECK(older.expect_disconnect().reason_code == 0x8E);
  newer.publish("same/a", "mine now", 1);
  CHECK(newer.receive().payload == "mine now");
}

TEST_CASE("v5 keep alive: silence ends the connection with 0x8D and the will is sent [MQTT-3.1.2-22]", "[interop]") {
  Broker broker;
  MqttClient watcher = connected(broker, {.client_id = "watcher"});
  watcher.subscribe({{"alive/will", 2}});
  ConnectOptions silent{.client_id = "silent", .keep_alive_s = 1};
  silent.will = Will{.topic = "alive/will", .payload = "keepalive expired"};
  MqttClient client = connected(broker, silent);
  CHECK(client.expect_disconnect(4s).reason_code == 0x8D);
  CHECK(watcher.receive().payload == "keepalive expired");
}

TEST_CASE("v5 server keep alive: the broker's value is told and used [MQTT-3.2.2-21] [MQTT-3.2.2-22]", "[interop]") {
  Broker broker({"mqtt.server_keepalive_s=1"});
  MqttClient client = connected(broker, {.client_id = "silent", .keep_alive_s = 120});
  CHECK(client.connack().properties.number(property::kServerKeepAlive) == 1);
  CHECK(client.expect_disconnect(4s).reason_code == 0x8D);
}

TEST_CASE("v5 keep alive above the broker's limit is lowered and told", "[interop]") {
  Broker broker({"mqtt.max_keepalive_s=300"});
  CHECK(connected(broker, {.client_id = "a", .keep_alive_s = 301})
            .connack()
            .properties.number(property::kServerKeepAlive) == 300);
  CHECK(connected(broker, {.client_id = "b", .keep_alive_s = 0})
            .connack()
            .properties.number(property::kServerKeepAlive) == 300);
  CHECK_FALSE(
      connected(broker, {.client_id = "c", .keep_alive_s = 300}).connack().properties.has(property::kServerKeepAlive));
}

TEST_CASE(
    "v5 enhanced authentication: a method that nobody knows is refused with 0x8C [MQTT-3.1.4-6] [MQTT-3.2.2-7] "
    "[MQTT-4.12.0-1]",
    "[interop]") {
  Broker broker;
  ConnectOptions options{.client_id = "method"};
  options.properties.add(property::kAuthenticationMethod, "SCRAM-SHA-1")
      .add(property::kAuthenticationData, "client-first");
  MqttClient client(broker.tcp_port(), options);
  CHECK(client.connect().reason_code == 0x8C);
  CHECK(client.closed());
}

TEST_CASE("v5 an AUTH packet outside of enhanced authentication is a protocol error [MQTT-4.12.0-7]", "[interop]") {
  Broker broker;
  MqttClient client = connected(broker, {.client_id = "auth"});
  client.send(packet(0xF0, ""));
  CHECK(client.expect_disconnect().reason_code == 0x82);
}

}  // namespace patchbay::wire

// The scenarios of the Eclipse Paho interoperability tests for MQTT 5.0: the will and its delay.
#include <catch2/catch.hpp>

#include "wire/support/broker.h"
#include "wire/support/mqtt_client.h"

namespace patchbay::wire {
namespace {

ConnectOptions mortal(uint32_t delay_s, uint32_t session_expiry_s) {
  ConnectOptions options{.client_id = "mortal", .clean_start = false};
  if (session_expiry_s > 0) options.properties.add(property::kSessionExpiryInterval, session_expiry_s);
  options.will = Will{.topic = "will/of/mortal", .payload = "gone", .qos = 1};
  if (delay_s > 0) options.will->properties.add(property::kWillDelayInterval, delay_s);
  options.will->properties.add_user("cause", "unknown").add(property::kContentType, "text/plain");
  return options;
}

MqttClient watching(const Broker& broker) {
  MqttClient watcher = MqttClient::connected(broker.tcp_port(), {.client_id = "watcher"});
  watcher.subscribe({{"will/#", 2}});
  return watcher;
}

}  // namespace

TEST_CASE("v5 will: sent with its properties when the connection breaks [MQTT-3.1.2-8] [MQTT-3.1.3-10]", "[interop]") {
  Broker broker;
  MqttClient watcher = watching(broker);
  MqttClient::connected(broker.tcp_port(), mortal(0, 0)).drop();
  const Publish will = watcher.receive();
  CHECK(will.topic == "will/of/mortal");
  CHECK(will.payload == "gone");
  CHECK(will.qos == 1);
  CHECK(will.properties.user_properties().at(0).second == "unknown");
  CHECK(will.properties.text(property::kContentType) == "text/plain");
  CHECK_FALSE(will.properties.has(property::kWillDelayInterval));
}

TEST_CASE("v5 will: dropped by a normal DISCONNECT, sent by one with reason 0x04 [MQTT-3.1.2-10] [MQTT-3.14.4-3]",
          "[interop]") {
  Broker broker;
  MqttClient watcher = watching(broker);
  MqttClient::connected(broker.tcp_port(), mortal(0, 0)).disconnect();
  CHECK(watcher.quiet());
  MqttClient::connected(broker.tcp_port(), mortal(0, 0)).disconnect(0x04);
  CHECK(watcher.receive().payload == "gone");
}

TEST_CASE("v5 will delay: waits, and a new connection in time takes it back [MQTT-3.1.3-9]", "[interop]") {
  Broker broker;
  MqttClient watcher = watching(broker);
  MqttClient::connected(broker.tcp_port(), mortal(2, 600)).drop();
  CHECK(watcher.quiet(1000ms));
  MqttClient back = MqttClient::connected(broker.tcp_port(), mortal(2, 600));
  CHECK(back.connack().session_present);
  CHECK(watcher.quiet(2000ms));
  back.drop();
  CHECK(watcher.quiet(1500ms));
  CHECK(watcher.receive().payload == "gone");
}

TEST_CASE("v5 will delay: ends with the session where that ends before", "[interop]") {
  Broker broker;
  MqttClient watcher = watching(broker);
  MqttClient::connected(broker.tcp_port(), mortal(600, 1)).drop();
  CHECK(watcher.receive(5s).payload == "gone");
}

TEST_CASE("v5 will: a clean start of the same client ends the old session, and so sends its will", "[interop]") {
  Broker broker;
  MqttClient watcher = watching(broker);
  MqttClient::connected(broker.tcp_port(), mortal(600, 600)).drop();
  CHECK(watcher.quiet());
  MqttClient fresh = MqttClient::connected(broker.tcp_port(), {.client_id = "mortal", .clean_start = true});
  CHECK(watcher.receive().payload == "gone");
}

TEST_CASE("v5 will: a retained one is kept for later subscribers [MQTT-3.1.2-15]", "[interop]") {
  Broker broker;
  ConnectOptions options = mortal(0, 0);
  options.will->retain = true;
  MqttClient watcher = watching(broker);
  MqttClient::connected(broker.tcp_port(), options).drop();
  CHECK_FALSE(watcher.receive().retain);
  MqttClient late = MqttClient::connected(broker.tcp_port(), {.client_id = "late"});
  late.subscribe({{"will/#", 0}});
  CHECK(late.receive().retain);
}

}  // namespace patchbay::wire

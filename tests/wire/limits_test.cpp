// What bounds a client: time to connect, size of packets, number of connections, how slowly it may read.
#include <catch2/catch.hpp>

#include "wire/support/broker.h"
#include "wire/support/fields.h"
#include "wire/support/mqtt_client.h"

namespace patchbay::wire {
namespace {

MqttClient connected(const Broker& broker, const std::string& client_id) {
  return MqttClient::connected(broker.tcp_port(), {.client_id = client_id});
}

}  // namespace

TEST_CASE("limits: who does not say CONNECT in time is closed, with a part of it too [MQTT-3.1.0-1]") {
  Broker broker({"mqtt.idle_timeout_s=1"});
  MqttClient in_time = connected(broker, "in time");
  TcpSocket silent(broker.tcp_port());
  TcpSocket slow(broker.tcp_port());
  slow.send(connect_packet({.client_id = "slow"}).substr(0, 9));
  CHECK_FALSE(silent.readable(500ms));
  CHECK(silent.closed_by_peer(3s));
  CHECK(slow.closed_by_peer(3s));
  in_time.ping();
}

TEST_CASE(
    "limits: a first packet that is not CONNECT closes the connection without a word [MQTT-3.1.0-1] [MQTT-3.14.0-1]") {
  Broker broker;
  const Bytes first = GENERATE(pingreq_packet(), disconnect_packet(5), publish_packet(5, {.topic = "a"}));
  TcpSocket client(broker.tcp_port());
  client.send(first);
  CHECK(client.receive(1).empty());
}

TEST_CASE("limits: a packet may come byte by byte, and many at once") {
  Broker broker;
  MqttClient client(broker.tcp_port(), {.client_id = "slow"});
  for (const char byte : connect_packet({.client_id = "slow"})) client.send(Bytes(1, byte));
  client.expect(packet_type::kConnack);
  client.subscribe({{"slow", 0}});
  Bytes many;
  for (int number = 0; number < 300; ++number) {
    many += publish_packet(5, {.topic = "slow", .payload = std::to_string(number)});
  }
  client.send(many);
  for (int number = 0; number < 300; ++number) CHECK(client.receive().payload == std::to_string(number));
}

TEST_CASE("limits: a packet over the limit is refused by its length alone, before its bytes come") {
  Broker broker({"mqtt.max_packet_size=1024", "mqtt.max_connect_packet_size=512"});
  MqttClient client = connected(broker, "large");
  client.send("\x30" + variable_byte_integer(200'000'000));
  CHECK(client.expect_disconnect().reason_code == 0x95);

  MqttClient connecting(broker.tcp_port(), {.client_id = "large"});
  connecting.send("\x10" + variable_byte_integer(513));
  CHECK(connecting.socket().closed_by_peer());
}

TEST_CASE("limits: who sends a malformed packet and a megabyte behind it still reads why [MQTT-4.13.1-1]") {
  Broker broker;
  MqttClient client = connected(broker, "talker");
  client.send(packet(0x36, "\x00\x01") + Bytes(1'000'000, 'x'));  // QoS 3
  CHECK(client.expect_disconnect().reason_code == 0x81);
}

TEST_CASE("limits: connections over the limit of a listener are closed, and the place is free again later") {
  Broker broker({"listeners.tcp.default.max_connections=3"});
  MqttClient one = connected(broker, "one");
  MqttClient two = connected(broker, "two");
  {
    MqttClient three = connected(broker, "three");
    TcpSocket four(broker.tcp_port());
    CHECK(four.closed_by_peer());
    three.disconnect();
  }
  const Deadline deadline(kPatience);
  bool entered = false;
  while (!entered && !deadline.passed()) {
    MqttClient three(broker.tcp_port(), {.client_id = "three"});
    three.send(connect_packet({.client_id = "three"}));
    entered = !three.socket().receive(1).empty();
  }
  CHECK(entered);
  one.ping();
  two.ping();
}

TEST_CASE("limits: client ids and topics that are too long are refused with their reason") {
  Broker broker({"mqtt.max_clientid_len=23", "mqtt.max_topic_length=16", "mqtt.max_topic_levels=3"});
  MqttClient long_name(broker.tcp_port(), {.client_id = std::string(24, 'n')});
  CHECK(long_name.connect().reason_code == 0x85);
  MqttClient client = connected(broker, std::string(23, 'n'));
  CHECK(client.publish("a/b/c", "fits", 1) == 0x10);
  for (const std::string& topic : Broker::Settings{"a/b/c/d", "12345678901234567"}) {
    MqttClient refused = connected(broker, "refused");
    refused.send(publish_packet(5, {.topic = topic, .payload = "refused"}));
    CHECK(refused.expect_disconnect().reason_code == 0x90);
  }
  client.ping();
}

TEST_CASE("limits: a client that stops reading loses messages or its connection, and holds nobody up") {
  Broker broker({"connection.send_timeout_s=2", "mqtt.max_mqueue_len=50"});
  MqttClient lazy(broker.tcp_port(), {.client_id = "lazy"}, 4096);
  lazy.connect();
  lazy.subscribe({{"flood", 0}});
  MqttClient reading = connected(broker, "reading");
  reading.subscribe({{"flood", 0}});
  MqttClient publisher = connected(broker, "publisher");
  const std::string payload(50'000, 'f');
  constexpr int kMessages = 400;  // 20 MB: more than any buffer between
  for (int number = 0; number < kMessages; ++number) {
    publisher.publish("flood", payload);
    CHECK(reading.receive().payload.size() == payload.size());
  }
  // Nothing goes out to the lazy one any more, which is found out in real time.
  CHECK(publisher.quiet(3500ms));
  publisher.publish("flood", "after");
  CHECK(reading.receive().payload == "after");
  CHECK(lazy.socket().closed_by_peer());
}

TEST_CASE("limits: a publisher that floods a slow subscriber with QoS 1 is answered, and memory stays bounded") {
  Broker broker({"mqtt.max_mqueue_len=20", "mqtt.max_inflight=4"});
  MqttClient slow = connected(broker, "slow");
  slow.acknowledge_by_hand();
  slow.subscribe({{"flood", 1}});
  MqttClient publisher = connected(broker, "publisher");
  for (int number = 0; number < 200; ++number) publisher.publish("flood", std::to_string(number), 1);
  // The window, then the newest of the queue: the oldest gave way.
  for (int number = 0; number < 4; ++number) {
    const Publish message = slow.receive();
    CHECK(message.payload == std::to_string(number));
    slow.acknowledge(packet_type::kPuback, message.packet_id);
  }
  for (int number = 180; number < 200; ++number) {
    const Publish message = slow.receive();
    CHECK(message.payload == std::to_string(number));
    slow.acknowledge(packet_type::kPuback, message.packet_id);
  }
  CHECK(slow.quiet());
}

}  // namespace patchbay::wire

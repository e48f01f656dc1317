// MQTT over WebSocket, section 6 of MQTT 5.0 and RFC 6455, byte by byte.
#include "wire/support/websocket.h"

#include <catch2/catch.hpp>

#include "wire/support/broker.h"
#include "wire/support/mqtt_client.h"

namespace patchbay::wire {
namespace {

/// Says CONNECT in one frame and takes the CONNACK off.
Websocket connected(const Broker& broker) {
  Websocket socket(broker.ws_port(), {});
  REQUIRE(socket.open());
  socket.send(opcode::kBinary, connect_packet({.client_id = "over ws"}));
  const Frame answer = socket.receive();
  REQUIRE(answer.opcode == opcode::kBinary);
  REQUIRE(answer.payload[0] == '\x20');
  return socket;
}

const Bytes kPingresp("\xD0\x00", 2);

bool starts(const std::string& text, const std::string& start) {
  return text.rfind(start, 0) == 0;
}

}  // namespace

TEST_CASE("WebSocket: the handshake answers key and subprotocol as RFC 6455 says [MQTT-6.0.0-3] [MQTT-6.0.0-4]") {
  Broker broker;
  const std::string asked = GENERATE("mqtt", "mqttv3.1", "chat, mqtt");
  Websocket socket(broker.ws_port(), {.subprotocol = asked});
  INFO(socket.response());
  CHECK(socket.open());
  CHECK(socket.response().find("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") != std::string::npos);
  CHECK(socket.response().find(asked == "mqttv3.1" ? ": mqttv3.1\r\n" : ": mqtt\r\n") != std::string::npos);
}

TEST_CASE("WebSocket: requests that are none of ours get an HTTP error") {
  Broker broker({"mqtt.idle_timeout_s=1"});
  CHECK(starts(Websocket(broker.ws_port(), {.path = "/other"}).response(), "HTTP/1.1 404"));
  CHECK(starts(Websocket(broker.ws_port(), {.subprotocol = ""}).response(), "HTTP/1.1 400"));
  CHECK(starts(Websocket(broker.ws_port(), {.subprotocol = "chat"}).response(), "HTTP/1.1 400"));
  CHECK(starts(Websocket(broker.ws_port(), {.version = "8"}).response(), "HTTP/1.1 426"));
  CHECK(starts(Websocket(broker.ws_port(), {.method = "POST"}).response(), "HTTP/1.1 4"));
  CHECK(starts(Websocket(broker.ws_port(), {.more_headers = "X: " + std::string(100'000, 'x') + "\r\n"}).response(),
               "HTTP/1.1 4"));
  TcpSocket mqtt(broker.ws_port());
  mqtt.send(connect_packet({.client_id = "no HTTP"}));
  CHECK(mqtt.closed_by_peer());
}

TEST_CASE("WebSocket: who sends a malformed packet and a megabyte behind it still reads why [MQTT-4.13.1-1]") {
  Broker broker;
  Websocket socket = connected(broker);
  socket.send(opcode::kBinary, packet(0x36, std::string("\x00\x01", 2)));  // QoS 3
  socket.send(opcode::kBinary, Bytes(1'000'000, 'x'));
  const Frame answer = socket.receive();
  REQUIRE(answer.opcode == opcode::kBinary);
  CHECK(answer.payload[0] == '\xE0');
  CHECK(answer.payload[2] == '\x81');
  const Frame close = socket.receive();
  CHECK(close.opcode == opcode::kClose);
  CHECK(close.payload == std::string("\x03\xE8", 2));
  CHECK(socket.socket().closed_by_peer());
}

TEST_CASE("WebSocket: foreign origins are shut out where the listener checks them") {
  Broker broker({"listeners.ws.default.websocket.check_origin=true",
                 "listeners.ws.default.websocket.origins=[\"https://panel.example\"]"});
  CHECK(Websocket(broker.ws_port(), {.more_headers = "Origin: https://panel.example\r\n"}).open());
  CHECK(starts(Websocket(broker.ws_port(), {.more_headers = "Origin: https://evil.example\r\n"}).response(),
               "HTTP/1.1 403"));
}

TEST_CASE("WebSocket: packets and frames need not end together [MQTT-6.0.0-2]") {
  Broker broker;
  Websocket socket = connected(broker);
  SECTION("two packets in one frame") {
    socket.send(opcode::kBinary, pingreq_packet() + pingreq_packet());
    Bytes answer;
    while (answer.size() < 4) answer += socket.receive().payload;
    CHECK(answer == kPingresp + kPingresp);
  }
  SECTION("one packet in two frames") {
    socket.send(opcode::kBinary, "\xC0");
    socket.send(opcode::kBinary, std::string_view("\x00", 1));
    CHECK(socket.receive().payload == kPingresp);
  }
  SECTION("one message in fragments, with a ping between and an empty one") {
    socket.send(opcode::kBinary, "\xC0", false);
    socket.send(opcode::kPing, "alive?");
    const Frame pong = socket.receive();
    CHECK(pong.opcode == opcode::kPong);
    CHECK(pong.payload == "alive?");
    socket.send(opcode::kContinuation, "", false);
    socket.send(opcode::kContinuation, std::string_view("\x00", 1), true);
    CHECK(socket.receive().payload == kPingresp);
  }
}

TEST_CASE("WebSocket: large messages pass both ways") {
  Broker broker;
  Websocket socket = connected(broker);
  socket.send(opcode::kBinary, subscribe_packet(5, 1, {{"large", 0}}));
  CHECK(socket.receive().payload[0] == '\x90');
  const size_t size = GENERATE(size_t{100}, size_t{125}, size_t{126}, size_t{40'000}, size_t{65'535}, size_t{300'000});
  const Bytes sent = publish_packet(5, {.topic = "large", .payload = std::string(size, 'L')});
  socket.send(opcode::kBinary, sent);
  Bytes back;
  while (back.size() < sent.size()) back += socket.receive().payload;
  CHECK(back == sent);
}

TEST_CASE("WebSocket: frames against the rules close the connection, and nobody else's [MQTT-6.0.0-1]") {
  Broker broker;
  MqttClient other = MqttClient::connected(broker.tcp_port(), {.client_id = "other"});
  const auto closes_after = [&](const char* what, auto&& act) {
    Websocket socket = connected(broker);
    act(socket);
    INFO(what);
    CHECK(socket.socket().closed_by_peer());
  };
  closes_after("text", [](Websocket& socket) { socket.send(opcode::kText, pingreq_packet()); });
  closes_after("not masked", [](Websocket& socket) { socket.send(opcode::kBinary, pingreq_packet(), true, false); });
  closes_after("continuation of nothing",
               [](Websocket& socket) { socket.send(opcode::kContinuation, pingreq_packet()); });
  closes_after("reserved opcode", [](Websocket& socket) { socket.send(0x3, "reserved"); });
  closes_after("long ping", [](Websocket& socket) { socket.send(opcode::kPing, std::string(126, 'p')); });
  closes_after("fragmented ping", [](Websocket& socket) { socket.send(opcode::kPing, "fragment", false); });
  closes_after("reserved bit", [](Websocket& socket) { socket.send(opcode::kBinary | 0x40, pingreq_packet()); });
  closes_after("a length of more than 63 bits", [](Websocket& socket) {
    socket.socket().send(Bytes("\x82\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\0\0\0\0", 14));
  });
  other.ping();
}

TEST_CASE("WebSocket: a frame over the listener's limit closes the connection by its length alone") {
  Broker broker({"listeners.ws.default.websocket.max_frame_size=1024"});
  Websocket fits = connected(broker);
  fits.send(opcode::kBinary, publish_packet(5, {.topic = "a", .payload = std::string(1000, 'f')}) + pingreq_packet());
  CHECK(fits.receive().payload == kPingresp);
  Websocket large = connected(broker);
  large.socket().send(Bytes("\x82\xFE\x04\x01\0\0\0\0", 8));
  CHECK(large.socket().closed_by_peer());
}

TEST_CASE("WebSocket: a close frame is answered with one") {
  Broker broker;
  Websocket socket = connected(broker);
  socket.send(opcode::kClose, "\x03\xE8");
  const Frame close = socket.receive();
  CHECK(close.opcode == opcode::kClose);
  CHECK(socket.socket().closed_by_peer());
}

TEST_CASE("WebSocket: SIGTERM sends DISCONNECT 0x8B, then the close frame") {
  Broker broker;
  Websocket socket = connected(broker);
  CHECK(broker.stop() == 0);
  const Frame goodbye = socket.receive();
  CHECK(goodbye.opcode == opcode::kBinary);
  CHECK(goodbye.payload[0] == '\xE0');
  CHECK(goodbye.payload[2] == '\x8B');
  CHECK(socket.receive().opcode == opcode::kClose);
}

}  // namespace patchbay::wire

#include <catch2/catch.hpp>
#include <string>

#include "blocking_client.h"
#include "net_fixture.h"
#include "net_hook_fixture.h"
#include "tls_files.h"

namespace patchbay::net {

using base::Counter;

namespace {

const std::string kRequest =
    "GET /mqtt HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n";

/// A client's frame, masked.
std::string frame(uint8_t first, std::string_view payload) {
  const std::string mask = "\x37\xfa\x21\x3d";
  std::string text(1, static_cast<char>(first));
  if (payload.size() < 126) {
    text += static_cast<char>(0x80 | payload.size());
  } else if (payload.size() <= 0xFFFF) {
    text += static_cast<char>(0xFE);
    text += static_cast<char>(payload.size() >> 8);
    text += static_cast<char>(payload.size() & 0xFF);
  } else {
    text += static_cast<char>(0xFF);
    for (int shift = 56; shift >= 0; shift -= 8) text += static_cast<char>(payload.size() >> shift & 0xFF);
  }
  text += mask;
  for (size_t at = 0; at < payload.size(); ++at) text += static_cast<char>(payload[at] ^ mask[at % 4]);
  return text;
}

struct Frame {
  uint8_t first = 0;
  std::string payload;
};

/// The broker's next frame.
Frame receive_frame(BlockingClient& client) {
  Frame result;
  const std::string head = client.receive(2);
  if (head.size() < 2) return result;
  result.first = static_cast<uint8_t>(head[0]);
  size_t size = static_cast<uint8_t>(head[1]);
  const size_t extra = size < 126 ? 0 : (size == 126 ? 2 : 8);
  if (extra != 0) size = 0;
  for (const char c : client.receive(extra)) size = size << 8 | static_cast<uint8_t>(c);
  result.payload = client.receive(size);
  return result;
}

/// Payload bytes of binary frames until there are `size`.
std::string receive_payload(BlockingClient& client, size_t size) {
  std::string payload;
  while (payload.size() < size) {
    const Frame next = receive_frame(client);
    REQUIRE(next.first == 0x82);
    payload += next.payload;
  }
  return payload;
}

void open(BlockingClient& client) {
  client.send(kRequest);
  REQUIRE(client.receive_until("\r\n\r\n").find("HTTP/1.1 101 ") == 0);
}

void expect_close(BlockingClient& client, uint16_t code) {
  const Frame close = receive_frame(client);
  CHECK(close.first == 0x88);
  REQUIRE(close.payload.size() == 2);
  CHECK((static_cast<uint8_t>(close.payload[0]) << 8 | static_cast<uint8_t>(close.payload[1])) == code);
  CHECK(client.ended());
}

}  // namespace

TEST_CASE("binary frames carry bytes both ways, wherever packets end [MQTT-6.0.0-1] [MQTT-6.0.0-2]", "[websocket]") {
  NetFixture f;
  BlockingClient client(f.start(ListenerType::ws));
  open(client);
  client.send(frame(0x82, "hello"));
  CHECK(receive_payload(client, 5) == "hello");
  client.send(frame(0x82, "one") + frame(0x82, "") + frame(0x82, "two"));
  CHECK(receive_payload(client, 6) == "onetwo");
  client.send(frame(0x82, "W"));
  CHECK(receive_payload(client, 1).find("127.0.0.1|loopback|-|ws:default") == 0);
}

TEST_CASE("frames may come byte by byte, in fragments, with pings between them", "[websocket]") {
  NetFixture f;
  BlockingClient client(f.start(ListenerType::ws));
  open(client);
  const std::string bytes = frame(0x02, "frag") + frame(0x89, "ping!") + frame(0x00, "men") + frame(0x80, "ted");
  for (const char byte : bytes) client.send(std::string(1, byte));
  std::string payload;
  std::string pong;
  while (payload.size() < 10) {
    const Frame next = receive_frame(client);
    REQUIRE((next.first == 0x82 || next.first == 0x8A));
    (next.first == 0x82 ? payload : pong) += next.payload;
  }
  CHECK(payload == "fragmented");
  CHECK(pong == "ping!");
}

TEST_CASE("frames of every length form pass, also larger than the read buffer", "[websocket]") {
  connection::ConnectionLimits limits;
  limits.write_hard_limit = 64 * 1024 * 1024;
  NetFixture f({}, limits);
  BlockingClient client(f.start(ListenerType::ws));
  open(client);
  for (const size_t size : {size_t{125}, size_t{126}, size_t{65535}, size_t{65536}, size_t{1'000'000}}) {
    std::string payload(size, '\0');
    for (size_t at = 0; at < size; ++at) payload[at] = static_cast<char>('a' + (at * 5 + at / 97) % 26);
    client.send(frame(0x82, payload));
    CHECK(receive_payload(client, size) == payload);
  }
}

TEST_CASE("the close frame is read although more had been sent than the broker ever read", "[websocket]") {
  NetFixture f;
  BlockingClient client(f.start(ListenerType::ws));
  open(client);
  SECTION("after a goodbye") {
    client.send(frame(0x82, "Q"));
    CHECK(receive_payload(client, 1) == "Q");
    client.send(frame(0x82, std::string(1'000'000, 'x')));
    expect_close(client, 1000);
  }
  SECTION("after a violation") {
    client.send(frame(0x81, "text") + frame(0x82, std::string(1'000'000, 'x')));
    expect_close(client, 1003);
  }
  CHECK(f.shards.count(base::Counter::connections_lingered) == 1);
}

TEST_CASE("frames may follow the request at once", "[websocket]") {
  NetFixture f;
  BlockingClient client(f.start(ListenerType::ws));
  client.send(kRequest + frame(0x82, "eager"));
  CHECK(client.receive_until("\r\n\r\n").find("HTTP/1.1 101 ") == 0);
  CHECK(receive_payload(client, 5) == "eager");
}

TEST_CASE("a refused request gets its status and is counted", "[websocket]") {
  NetFixture f;
  BlockingClient client(f.start(ListenerType::ws));
  client.send("GET /wrong HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(client.receive_until("\r\n\r\n").find("HTTP/1.1 404 ") == 0);
  CHECK(client.ended());
  CHECK(f.shards.count(Counter::connections_websocket_failed) == 1);
}

TEST_CASE("what the protocol forbids ends with the right close code", "[websocket]") {
  NetFixture f;
  BlockingClient client(f.start(ListenerType::ws));
  open(client);
  SECTION("text [MQTT-6.0.0-1]") {
    client.send(frame(0x81, "text"));
    expect_close(client, 1003);
  }
  SECTION("no mask") {
    client.send(std::string("\x82\x01x", 3));
    expect_close(client, 1002);
  }
  SECTION("a continuation of nothing") {
    client.send(frame(0x80, "x"));
    expect_close(client, 1002);
  }
  SECTION("a new message within a message") {
    client.send(frame(0x02, "x"));
    CHECK(receive_payload(client, 1) == "x");
    client.send(frame(0x82, "y"));
    expect_close(client, 1002);
  }
  SECTION("a close frame with half a code") {
    client.send(frame(0x88, "x"));
    expect_close(client, 1002);
  }
  SECTION("a close frame with a code that may not be sent") {
    client.send(frame(0x88, std::string("\x03\xed", 2)));
    expect_close(client, 1002);
  }
  CHECK(f.reaches(Counter::connections_websocket_failed, 1));
}

TEST_CASE("text frames carry bytes where another protocol than MQTT is spoken, and are UTF-8 (RFC 6455 8.1)",
          "[websocket]") {
  NetHookFixture f;
  EchoCounts counts;
  f.protocols.add({"stomp", {}, {}, {}, std::make_shared<EchoFactory>(counts)}, f.epoch);
  ListenerOptions options;
  options.type = ListenerType::ws;
  options.protocol = "stomp";
  BlockingClient client(f.start(options));
  open(client);
  SECTION("whole, in fragments that cut a character, and binary as before") {
    client.send(frame(0x81, "gr\xc3\xbc\xc3\x9f") + frame(0x01, "e\xe2\x82") + frame(0x89, "") + frame(0x80, "\xac"));
    client.send(frame(0x82, "\xff"));
    std::string payload;
    while (payload.size() < 11) {
      const Frame next = receive_frame(client);
      REQUIRE((next.first == 0x82 || next.first == 0x8A));
      payload += next.payload;
    }
    CHECK(payload ==
          "gr\xc3\xbc\xc3\x9f"
          "e\xe2\x82\xac\xff");
  }
  SECTION("what isn't UTF-8") {
    const char* const wrong = GENERATE("\x80", "\xc0\x80", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
                                       "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xe2\x82");
    client.send(frame(0x81, wrong));
    Frame last = receive_frame(client);
    while (last.first == 0x82) last = receive_frame(client);  // what came before it was wrong
    CHECK(last.first == 0x88);
    CHECK(last.payload == "\x03\xef");
    CHECK(client.ended());
  }
  SECTION("a text within a message") {
    client.send(frame(0x01, "x") + frame(0x81, "y"));
    Frame last = receive_frame(client);
    while (last.first == 0x82) last = receive_frame(client);
    CHECK(last.payload == "\x03\xea");
  }
}

TEST_CASE("a frame over the listener's limit is refused before it comes", "[websocket]") {
  NetFixture f;
  ListenerOptions options;
  options.type = ListenerType::ws;
  options.websocket.max_frame_size = 1000;
  BlockingClient client(f.start(options));
  open(client);
  client.send(frame(0x82, std::string(1000, 'x')));
  CHECK(receive_payload(client, 1000).size() == 1000);
  client.send(frame(0x82, std::string(1001, 'x')).substr(0, 8));
  expect_close(client, 1009);
}

TEST_CASE("a close frame is answered with its own code", "[websocket]") {
  NetFixture f;
  BlockingClient client(f.start(ListenerType::ws));
  open(client);
  client.send(frame(0x82, "last") + frame(0x88, std::string("\x03\xe9", 2) + "going away"));
  CHECK(receive_payload(client, 0).empty());
  Frame next = receive_frame(client);
  if (next.first == 0x82) next = receive_frame(client);
  CHECK(next.first == 0x88);
  CHECK(next.payload == std::string("\x03\xe9", 2));
}

TEST_CASE("the broker closes with a close frame", "[websocket]") {
  NetFixture f;
  BlockingClient client(f.start(ListenerType::ws));
  open(client);
  client.send(frame(0x82, "Q"));
  CHECK(receive_payload(client, 1) == "Q");
  expect_close(client, 1000);
}

TEST_CASE("a client that pings without end keeps its connection and costs no memory", "[websocket]") {
  NetFixture f;
  BlockingClient client(f.start(ListenerType::ws));
  open(client);
  std::string pings;
  for (int i = 0; i < 2000; ++i) pings += frame(0x89, std::string(125, 'p'));
  client.send(pings);
  client.send(frame(0x82, "end"));
  Frame next;
  do {
    next = receive_frame(client);
  } while (next.first == 0x8A);
  CHECK(next.payload == "end");
}

TEST_CASE("WebSocket runs over TLS and behind a PROXY header, and moves between shards", "[websocket]") {
  NetFixture f;
  TlsFiles files;
  files.issue("server", "server.example");
  ListenerOptions options;
  options.type = ListenerType::wss;
  options.proxy_protocol = true;
  options.tls.certificate_file = files.path("server.pem");
  options.tls.key_file = files.path("server.key");
  BlockingTlsClient::Options wish;
  wish.before = "PROXY TCP4 192.0.2.1 198.51.100.2 40000 8084\r\n";
  BlockingTlsClient client(f.start(options), wish);
  REQUIRE(client.shaken());
  open(client);
  client.send(frame(0x82, "W"));
  CHECK(receive_payload(client, 1).find("192.0.2.1|remote|-|wss:default") == 0);
  for (int turn = 0; turn < 6; ++turn) {
    const std::string order = ">" + std::to_string(turn % 2) + "wss";
    client.send(frame(0x82, order));
    REQUIRE(receive_payload(client, order.size()) == order);
  }
}

TEST_CASE("a WebSocket handshake that takes too long is ended", "[websocket]") {
  NetFixture f;
  ListenerOptions options;
  options.type = ListenerType::ws;
  options.websocket.handshake_timeout_s = 1;
  BlockingClient client(f.start(options));
  client.send("GET /mqtt HT");
  CHECK(client.ended());
  CHECK(f.shards.count(Counter::connections_websocket_failed) == 1);
}

}  // namespace patchbay::net

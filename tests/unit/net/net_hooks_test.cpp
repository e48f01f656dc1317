// conn.accept, conn.detect, conn.opened and conn.closed on real sockets: TCP, PROXY, WebSocket.

#include <catch2/catch.hpp>
#include <string>

#include "blocking_client.h"
#include "hooks/replacements.h"
#include "net_hook_fixture.h"

namespace patchbay::net {

using base::Counter;
using base::Phase;
using base::Verdict;
using hooks::ConnAcceptEvent;
using hooks::ConnDetectEvent;
using patchbay::testing::observer;
using patchbay::testing::PointListener;

namespace {

using Accept = PointListener<ConnAcceptEvent>;
using Detect = PointListener<ConnDetectEvent>;

std::string address_of(const hooks::PeerAddress& address) {
  session::PeerInfo peer;
  std::copy(address.begin(), address.end(), std::begin(peer.address));
  return peer.address_text();
}

std::string request_for(std::string_view target) {
  return "GET " + std::string(target) +
         " HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n";
}

}  // namespace

TEST_CASE("conn.accept closes what it denies before anything is read of it", "[hooks]") {
  NetHookFixture f;
  Notes notes;
  std::atomic<bool> deny{true};
  const Accept accept(f.points.conn_accept, f.epoch, Phase::decide, [&](ConnAcceptEvent& event, base::Token) {
    notes.add(std::string(event.listener_id) + "|" + address_of(event.peer_address) + "|" +
              (event.peer_port != 0 ? "port" : "-") + "|" + (event.proxied ? "proxied" : "direct"));
    return deny ? Verdict::denies() : Verdict::allows();
  });
  const uint16_t port = f.start({});
  BlockingClient refused(port);
  CHECK(refused.ended());
  CHECK(f.shards.count(Counter::connections_refused_hook) == 1);
  CHECK(f.shards.count(Counter::connections_accepted) == 0);
  CHECK(f.listeners.status()[0].connections == 0);  // its place is free again
  deny = false;
  BlockingClient welcome(port);
  welcome.send("hello");
  CHECK(welcome.receive(5) == "hello");
  CHECK(notes.all() == std::vector<std::string>(2, "tcp:default|127.0.0.1|port|direct"));
}

TEST_CASE("conn.accept behind PROXY sees the client's own address", "[hooks]") {
  NetHookFixture f;
  const Accept accept(f.points.conn_accept, f.epoch, Phase::decide, [](ConnAcceptEvent& event, base::Token) {
    if (!event.proxied) return Verdict::denies();
    return address_of(event.peer_address) == "192.0.2.1" && event.peer_port == 40'000 ? Verdict::denies()
                                                                                      : Verdict::proceeds();
  });
  ListenerOptions options;
  options.proxy_protocol = true;
  const uint16_t port = f.start(options);
  BlockingClient refused(port);
  refused.send("PROXY TCP4 192.0.2.1 198.51.100.2 40000 1883\r\nhello");
  CHECK(refused.ended());
  CHECK(f.shards.count(Counter::connections_refused_hook) == 1);
  BlockingClient welcome(port);
  welcome.send("PROXY TCP4 192.0.2.2 198.51.100.2 40000 1883\r\nhello");
  CHECK(welcome.receive(5) == "hello");
}

TEST_CASE("conn.accept that fails lets connections in: its fallback is the operator's", "[hooks]") {
  NetHookFixture f;
  const Accept accept(
      f.points.conn_accept, f.epoch, Phase::decide, [](ConnAcceptEvent&, base::Token) { return Verdict::fails(); },
      "broken", base::Fallback::allow);
  BlockingClient client(f.start({}));
  client.send("hello");
  CHECK(client.receive(5) == "hello");
}

TEST_CASE("conn.opened comes when the transport is established, conn.closed tells sizes", "[hooks]") {
  NetHookFixture f;
  Notes notes;
  const auto opened = observer(f.points.conn_opened, f.epoch, [&](const hooks::ConnectionEvent& event) {
    notes.add("opened " + address_of(event.peer_address));
  });
  const auto closed = observer(f.points.conn_closed, f.epoch, [&](const hooks::ConnectionEvent& event) {
    notes.add("closed " + std::to_string(event.bytes_received) + "/" + std::to_string(event.bytes_sent) + " " +
              std::string(event.reason));
  });
  ListenerOptions options;
  options.proxy_protocol = true;
  {
    const uint16_t port = f.start(options);
    BlockingClient malformed(port);
    malformed.send("no proxy header\r\n");
    CHECK(malformed.ended());
    BlockingClient client(port);
    client.send("PROXY TCP4 192.0.2.1 198.51.100.2 40000 1883\r\n");
    client.send("hello");
    CHECK(client.receive(5) == "hello");
    client.send("Q");
    CHECK(client.receive(1) == "Q");
    CHECK(client.ended());
  }
  f.shards.run_on_each([](IoShard&) {});
  CHECK(notes.all() == std::vector<std::string>{"opened 192.0.2.1", "closed 6/6 normal"});
}

TEST_CASE("conn.detect sees what a WebSocket client asked for", "[hooks]") {
  NetHookFixture f;
  Notes notes;
  EchoCounts other;
  f.protocols.add({"STOMP", {}, {}, {}, std::make_shared<EchoFactory>(other)}, f.epoch);
  const Detect detect(f.points.conn_detect, f.epoch, Phase::decide, [&](ConnDetectEvent& event, base::Token) {
    notes.add(std::string(event.websocket_path) + " " + std::string(event.websocket_subprotocol));
    if (event.websocket_path != "/mqtt?as=stomp") return Verdict::proceeds();
    return Verdict::allows_with(std::make_unique<hooks::ReplacementText>("STOMP"));
  });
  ListenerOptions options;
  options.type = ListenerType::ws;
  const uint16_t port = f.start(options);
  const std::string hello("\x82\x85\0\0\0\0hello", 11);  // a mask of zeros
  {
    BlockingClient mqtt(port);
    mqtt.send(request_for("/mqtt"));
    CHECK(mqtt.receive_until("\r\n\r\n").starts_with("HTTP/1.1 101"));
    mqtt.send(hello);
    CHECK(mqtt.receive(7) == "\x82\x05hello");
    BlockingClient stomp(port);
    stomp.send(request_for("/mqtt?as=stomp"));
    CHECK(stomp.receive_until("\r\n\r\n").starts_with("HTTP/1.1 101"));
    stomp.send(hello);
    CHECK(stomp.receive(7) == "\x82\x05hello");
  }
  CHECK(notes.all() == std::vector<std::string>{"/mqtt mqtt", "/mqtt?as=stomp mqtt"});
  CHECK(f.counts.machines == 1);
  CHECK(other.machines == 1);
}

}  // namespace patchbay::net

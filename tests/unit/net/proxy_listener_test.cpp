#include <catch2/catch.hpp>
#include <string>

#include "blocking_client.h"
#include "net_fixture.h"
#include "tls_files.h"

namespace patchbay::net {

using base::Counter;

namespace {

ListenerOptions behind_proxy(ListenerType type = ListenerType::tcp) {
  ListenerOptions options;
  options.type = type;
  options.proxy_protocol = true;
  return options;
}

}  // namespace

TEST_CASE("the address in a PROXY header becomes the client's", "[proxy]") {
  NetFixture f;
  const uint16_t port = f.start(behind_proxy());
  BlockingClient client(port);
  SECTION("version 1, with the client's bytes right behind") {
    client.send("PROXY TCP4 192.0.2.1 198.51.100.2 40000 1883\r\nW");
    CHECK(client.receive_until("\n") == "192.0.2.1|remote|-|tcp:default\n");
  }
  SECTION("an address that says loopback is none") {
    client.send("PROXY TCP4 127.0.0.1 127.0.0.1 40000 1883\r\nW");
    CHECK(client.receive_until("\n") == "127.0.0.1|remote|-|tcp:default\n");
  }
  SECTION("version 2 in two parts") {
    const std::string header("\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\x02\x09\x7f\0\0\x01\x9c\x40\x07\x5b", 28);
    client.send(header.substr(0, 20));
    f.shards.run_on_each([](IoShard&) {});
    client.send(header.substr(20) + "W");
    CHECK(client.receive_until("\n") == "192.0.2.9|remote|-|tcp:default\n");
  }
  SECTION("LOCAL keeps the connection's own") {
    client.send(std::string("\r\n\r\n\0\r\nQUIT\n\x20\0\0\0", 16) + "W");
    CHECK(client.receive_until("\n") == "127.0.0.1|loopback|-|tcp:default\n");
  }
}

TEST_CASE("a connection without a proper PROXY header is closed and counted", "[proxy]") {
  NetFixture f;
  ListenerOptions options = behind_proxy();
  options.proxy_protocol_timeout_s = 1;
  BlockingClient client(f.start(options));
  SECTION("malformed") {
    client.send("PROXY TCP4 nonsense\r\n");
    CHECK(client.ended());
  }
  SECTION("MQTT at once") {
    client.send("\x10\x0c");
    CHECK(client.ended());
  }
  SECTION("ended in the middle") {
    client.send("PROXY TC");
    client.finish_sending();
    CHECK(client.ended());
  }
  SECTION("late") {
    client.send("PROXY TC");
    CHECK(client.ended());
  }
  CHECK(f.reaches(Counter::connections_proxy_failed, 1));
}

TEST_CASE("a PROXY header stands in front of TLS", "[proxy]") {
  NetFixture f;
  TlsFiles files;
  files.issue("server", "server.example");
  ListenerOptions options = behind_proxy(ListenerType::ssl);
  options.tls.certificate_file = files.path("server.pem");
  options.tls.key_file = files.path("server.key");
  BlockingTlsClient::Options wish;
  wish.before = "PROXY TCP6 2001:db8::5 2001:db8::6 40000 8883\r\n";
  BlockingTlsClient client(f.start(options), wish);
  REQUIRE(client.shaken());
  client.send("W");
  CHECK(client.receive_until("\n") == "2001:db8::5|remote|-|ssl:default\n");
}

TEST_CASE("the limit for one address counts clients, not the proxy", "[proxy]") {
  NetFixture f;
  ListenerOptions options = behind_proxy();
  options.max_connections_per_ip = 1;
  const uint16_t port = f.start(options);
  const std::string first = "PROXY TCP4 192.0.2.1 198.51.100.2 40000 1883\r\nW";
  const std::string second = "PROXY TCP4 192.0.2.2 198.51.100.2 40000 1883\r\nW";
  BlockingClient one(port);
  one.send(first);
  CHECK(one.receive_until("\n") == "192.0.2.1|remote|-|tcp:default\n");
  BlockingClient again(port);
  again.send(first);
  CHECK(again.ended());
  BlockingClient two(port);
  two.send(second);
  CHECK(two.receive_until("\n") == "192.0.2.2|remote|-|tcp:default\n");
}

}  // namespace patchbay::net

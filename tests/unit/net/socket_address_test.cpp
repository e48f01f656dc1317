#include "net/socket_address.h"

#include <catch2/catch.hpp>

#include "net/listeners.h"

namespace patchbay::net {

TEST_CASE("bind addresses are read and written", "[address]") {
  const auto ipv4 = parse_socket_address("127.0.0.1:1883");
  REQUIRE(ipv4);
  CHECK(ipv4->port() == 1883);
  CHECK(ipv4->loopback());
  CHECK_FALSE(ipv4->any);
  CHECK(ipv4->text() == "127.0.0.1:1883");

  const auto ipv6 = parse_socket_address("[::1]:0");
  REQUIRE(ipv6);
  CHECK(ipv6->port() == 0);
  CHECK(ipv6->loopback());
  CHECK(ipv6->text() == "[::1]:0");

  for (const char* everywhere : {":1883", "*:1883"}) {
    const auto any = parse_socket_address(everywhere);
    REQUIRE(any);
    CHECK(any->any);
    CHECK_FALSE(any->loopback());
    CHECK(any->text() == "[::]:1883");
  }
}

TEST_CASE("what is no address and port is refused", "[address]") {
  for (const char* text : {"", "1883", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536", "127.0.0.1:-1",
                           "::1:1883", "[::1]", "[::g]:1", "localhost:1883", "1.2.3:80", "127.0.0.1:18 "}) {
    CAPTURE(text);
    CHECK_FALSE(parse_socket_address(text));
  }
}

TEST_CASE("only loopback addresses count as loopback binds", "[address]") {
  CHECK(Listeners::is_loopback_bind("127.0.0.1:1883"));
  CHECK(Listeners::is_loopback_bind("127.9.9.9:1883"));
  CHECK(Listeners::is_loopback_bind("[::1]:1883"));
  CHECK_FALSE(Listeners::is_loopback_bind("0.0.0.0:1883"));
  CHECK_FALSE(Listeners::is_loopback_bind(":1883"));
  CHECK_FALSE(Listeners::is_loopback_bind("[::]:1883"));
  CHECK_FALSE(Listeners::is_loopback_bind("192.0.2.1:1883"));
  CHECK_FALSE(Listeners::is_loopback_bind("nonsense"));
}

}  // namespace patchbay::net

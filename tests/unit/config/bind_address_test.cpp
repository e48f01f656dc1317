#include "config/bind_address.h"

#include <catch2/catch.hpp>

using namespace patchbay::config;  // NOLINT: test

namespace {

BindAddress parsed(const char* text) {
  const auto bind = parse_bind_address(text);
  REQUIRE(bind.has_value());
  return *bind;
}

}  // namespace

TEST_CASE("addresses with a port are understood") {
  CHECK(parsed("127.0.0.1:1883").port == 1883);
  CHECK_FALSE(parsed("127.0.0.1:1883").is_ipv6);
  CHECK(parsed("[::1]:8883").is_ipv6);
  CHECK(parsed("0.0.0.0:0").port == 0);
  CHECK(parsed("10.1.2.3:65535").address[0] == 10);
}

TEST_CASE("anything else is refused") {
  for (const char* text : {"", "1883", ":1883", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1",
                           "127.0.0.1:1883 ", " 127.0.0.1:1883", "localhost:1883", "::1:1883", "[::1]", "[::1:1883",
                           "[]:1883", "[127.0.0.1]:1883", "127.0.0.1:0x75b", "256.0.0.1:1883", "127.0.0.1:18a3"}) {
    INFO(text);
    CHECK_FALSE(parse_bind_address(text).has_value());
  }
}

TEST_CASE("loopback is 127.0.0.0/8, ::1 and the mapped form") {
  CHECK(parsed("127.0.0.1:1").is_loopback());
  CHECK(parsed("127.255.0.9:1").is_loopback());
  CHECK(parsed("[::1]:1").is_loopback());
  CHECK(parsed("[::ffff:127.0.0.1]:1").is_loopback());
  CHECK_FALSE(parsed("0.0.0.0:1").is_loopback());
  CHECK_FALSE(parsed("[::]:1").is_loopback());
  CHECK_FALSE(parsed("192.168.0.1:1").is_loopback());
  CHECK_FALSE(parsed("[::ffff:10.0.0.1]:1").is_loopback());
  CHECK_FALSE(parsed("[7f00::1]:1").is_loopback());
}

TEST_CASE("binds overlap on the same port when one covers the other") {
  CHECK(overlap(parsed("127.0.0.1:1"), parsed("127.0.0.1:1")));
  CHECK(overlap(parsed("0.0.0.0:1"), parsed("127.0.0.1:1")));
  CHECK(overlap(parsed("[::]:1"), parsed("127.0.0.1:1")));
  CHECK(overlap(parsed("[::1]:1"), parsed("[::]:1")));
  CHECK_FALSE(overlap(parsed("127.0.0.1:1"), parsed("127.0.0.1:2")));
  CHECK_FALSE(overlap(parsed("127.0.0.1:1"), parsed("127.0.0.2:1")));
  CHECK_FALSE(overlap(parsed("0.0.0.0:1"), parsed("[::1]:1")));
  CHECK_FALSE(overlap(parsed("127.0.0.1:0"), parsed("127.0.0.1:0")));
}

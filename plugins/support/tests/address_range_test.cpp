#include "support/address_range.h"

#include <catch2/catch.hpp>

using namespace patchbay::support;  // NOLINT: test

TEST_CASE("addresses in both families, IPv4 in its mapped form") {
  CHECK(*parse_address("10.1.2.3") == Address{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 10, 1, 2, 3});
  CHECK(*parse_address("::ffff:10.1.2.3") == *parse_address("10.1.2.3"));
  CHECK(parse_address("2001:db8::1")->at(15) == 1);
  CHECK(is_mapped_ipv4(*parse_address("0.0.0.0")));
  CHECK_FALSE(is_mapped_ipv4(*parse_address("::")));
  CHECK_FALSE(is_mapped_ipv4(*parse_address("2001:db8::1")));
  for (const char* wrong : {"", "10.1.2", "10.1.2.3.4", "host", "10.1.2.3/8", "::1%lo", "1:2"}) {
    INFO(wrong);
    CHECK_FALSE(parse_address(wrong).has_value());
  }
}

TEST_CASE("ranges of addresses") {
  const Address v6 = *parse_address("2001:db8::1");
  const Address v4 = *parse_address("10.1.2.3");
  CHECK(AddressRange::parse("2001:db8::/32")->contains(v6));
  CHECK(AddressRange::parse("2001:db8::1")->contains(v6));
  CHECK_FALSE(AddressRange::parse("2001:db9::/32")->contains(v6));
  CHECK_FALSE(AddressRange::parse("10.0.0.0/8")->contains(v6));
  CHECK_FALSE(AddressRange::parse("0.0.0.0/0")->contains(v6));
  CHECK(AddressRange::parse("::/0")->contains(v6));
  CHECK(AddressRange::parse("0.0.0.0/0")->contains(v4));
  CHECK(AddressRange::parse("10.0.0.0/9")->contains(v4));
  CHECK_FALSE(AddressRange::parse("10.128.0.0/9")->contains(v4));
  CHECK(AddressRange::parse("10.1.2.2/31")->contains(v4));
  CHECK_FALSE(AddressRange::parse("10.1.2.2/32")->contains(v4));
  for (const char* wrong : {"", "10.1.2", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/x", "10.0.0.0/-1", "::1/129", "host"}) {
    INFO(wrong);
    CHECK_FALSE(AddressRange::parse(wrong).has_value());
  }
}

#include "net/connection_quota.h"

#include <catch2/catch.hpp>

namespace patchbay::net {

namespace {

struct Address {
  uint8_t bytes[16] = {};
};

Address ipv4(uint8_t last) {
  return {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 192, 0, 2, last}};
}

}  // namespace

TEST_CASE("the node's connections are counted to their maximum", "[quota]") {
  ConnectionQuota quota(2);
  CHECK(quota.take());
  CHECK(quota.take());
  CHECK_FALSE(quota.take());
  CHECK(quota.used() == 2);
  quota.give_back();
  CHECK(quota.take());
}

TEST_CASE("each address has its own count", "[quota]") {
  AddressQuota quota(2, 42);
  CHECK(quota.take(ipv4(1).bytes));
  CHECK(quota.take(ipv4(1).bytes));
  CHECK_FALSE(quota.take(ipv4(1).bytes));
  CHECK(quota.take(ipv4(2).bytes));
  quota.give_back(ipv4(1).bytes);
  CHECK(quota.take(ipv4(1).bytes));
  CHECK_FALSE(quota.take(ipv4(1).bytes));
}

TEST_CASE("an IPv6 network of 64 bits counts as one address", "[quota]") {
  AddressQuota quota(1, 7);
  const Address first = {{0x20, 1, 0xD, 0xB8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1}};
  Address same_network = first;
  same_network.bytes[9] = 9;
  Address other_network = first;
  other_network.bytes[7] = 2;
  CHECK(quota.take(first.bytes));
  CHECK_FALSE(quota.take(same_network.bytes));
  CHECK(quota.take(other_network.bytes));
}

TEST_CASE("many addresses seldom share their counters", "[quota]") {
  AddressQuota quota(1, 99);
  int refused = 0;
  for (int i = 0; i < 5'000; ++i) {
    Address address = ipv4(static_cast<uint8_t>(i));
    address.bytes[13] = static_cast<uint8_t>(i >> 8);
    refused += quota.take(address.bytes) ? 0 : 1;
  }
  CHECK(refused < 75);  // both of an address's counters taken by others: 0.5 % of them on average near the end
}

}  // namespace patchbay::net

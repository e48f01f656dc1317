#include "support/address_guard.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <catch2/catch.hpp>
#include <cstring>

#include "support/http_url.h"

using patchbay::support::AddressGuard;

namespace {

bool allows(const AddressGuard& guard, const char* text) {
  sockaddr_storage room{};
  auto* const four = reinterpret_cast<sockaddr_in*>(&room);
  auto* const six = reinterpret_cast<sockaddr_in6*>(&room);
  if (::inet_pton(AF_INET, text, &four->sin_addr) == 1) {
    four->sin_family = AF_INET;
  } else {
    REQUIRE(::inet_pton(AF_INET6, text, &six->sin6_addr) == 1);
    six->sin6_family = AF_INET6;
  }
  return guard.allows_address(reinterpret_cast<const sockaddr&>(room));
}

AddressGuard guard_of(const std::vector<std::string>& hosts, const std::vector<std::string>& networks) {
  std::string reason;
  const auto made = AddressGuard::make(hosts, networks, reason);
  INFO(reason);
  REQUIRE(made);
  return *made;
}

}  // namespace

TEST_CASE("without networks everything may be connected to but what no back end has") {
  const AddressGuard guard;
  for (const char* good : {"127.0.0.1", "10.1.2.3", "192.168.0.1", "8.8.8.8", "::1", "fd00::1", "2001:db8::1"})
    CHECK(allows(guard, good));
  for (const char* bad : {"0.0.0.0", "169.254.169.254", "224.0.0.1", "255.255.255.255", "::", "fe80::1", "ff02::1",
                          "::ffff:169.254.169.254"})
    CHECK_FALSE(allows(guard, bad));
}

TEST_CASE("with networks only they may be connected to, to the bit") {
  const AddressGuard guard = guard_of({}, {"10.16.0.0/12", "192.0.2.7", "2001:db8::/33"});
  CHECK(allows(guard, "10.16.0.0"));
  CHECK(allows(guard, "10.31.255.255"));
  CHECK(allows(guard, "::ffff:10.31.255.255"));
  CHECK_FALSE(allows(guard, "10.32.0.0"));
  CHECK_FALSE(allows(guard, "10.15.255.255"));
  CHECK(allows(guard, "192.0.2.7"));
  CHECK_FALSE(allows(guard, "192.0.2.6"));
  CHECK(allows(guard, "2001:db8:7fff::1"));
  CHECK_FALSE(allows(guard, "2001:db8:8000::1"));
  CHECK_FALSE(allows(guard, "127.0.0.1"));
}

TEST_CASE("0.0.0.0/0 means all of IPv4 and nothing of IPv6") {
  const AddressGuard guard = guard_of({}, {"0.0.0.0/0"});
  CHECK(allows(guard, "169.254.169.254"));
  CHECK_FALSE(allows(guard, "2001:db8::1"));
}

TEST_CASE("networks that are none are named") {
  for (const char* bad : {"", "10.0.0.0/33", "10.0.0/8", "example.com", "::/129", "10.0.0.0/", "10.0.0.0/8x"}) {
    std::string reason;
    CHECK_FALSE(AddressGuard::make({}, {bad}, reason));
    CHECK(reason.find(std::string("\"") + bad + "\"") != std::string::npos);
  }
}

TEST_CASE("hosts are names, or all below a domain") {
  const AddressGuard guard = guard_of({"Hooks.example.com", "*.internal", "::1"}, {});
  CHECK(guard.allows_host("hooks.EXAMPLE.com"));
  CHECK(guard.allows_host("a.internal"));
  CHECK(guard.allows_host("[::1]"));
  for (const char* bad : {"internal", ".internal", "xinternal", "example.com", "hooks.example.com.evil.net", ""})
    CHECK_FALSE(guard.allows_host(bad));
  CHECK(AddressGuard().allows_host("anything"));
}

TEST_CASE("URLs: only http and https, with a host, without user information") {
  using patchbay::support::host_of_url;
  using patchbay::support::is_http_url;
  for (const char* good : {"http://a", "https://a.example:8443/x?y#z", "http://[::1]:80/", "http://a?x"})
    CHECK(is_http_url(good));
  for (const char* bad : {"", "ftp://a", "http://", "http:///x", "http://u:p@a/", "http://a b", "file:///etc/passwd",
                          "http://:80/", "http://a\r\nX: y"})
    CHECK_FALSE(is_http_url(bad));
  CHECK(host_of_url("https://a.example:8443/x") == "a.example");
  CHECK(host_of_url("http://[::1]:80/") == "[::1]");
  CHECK(host_of_url("http://a?b:c") == "a");
  CHECK(patchbay::support::url_encoded("a b/ä~") == "a%20b%2F%C3%A4~");
}

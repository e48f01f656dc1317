#include "net/proxy_header.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "base/byte_reader.h"
#include "session/peer_info.h"

namespace patchbay::net {

namespace {

using Status = ProxyHeaderStatus;
using Bytes = std::vector<uint8_t>;

constexpr size_t kLimit = 2048;

Status parse(std::string_view text, ProxyHeader& header, size_t limit = kLimit) {
  return parse_proxy_header(base::as_bytes(text), limit, header);
}
Status parse(std::string_view text) {
  ProxyHeader header;
  return parse(text, header);
}

std::string address_text(const ProxyHeader& header) {
  session::PeerInfo peer;
  std::copy(std::begin(header.address), std::end(header.address), peer.address);
  return peer.address_text();
}

std::string version2(uint8_t command, uint8_t family, const Bytes& block) {
  std::string text("\r\n\r\n\0\r\nQUIT\n", 12);
  text += static_cast<char>(command);
  text += static_cast<char>(family);
  text += static_cast<char>(block.size() >> 8);
  text += static_cast<char>(block.size() & 0xFF);
  text.append(block.begin(), block.end());
  return text;
}

const Bytes kIpv4 = {192, 0, 2, 1, 198, 51, 100, 2, 0x9C, 0x40, 0x07, 0x5B};

}  // namespace

TEST_CASE("version 1 names the client's address", "[proxy]") {
  ProxyHeader header;
  const std::string line = "PROXY TCP4 192.0.2.1 198.51.100.2 40000 1883\r\n";
  CHECK(parse(line + "rest", header) == Status::complete);
  CHECK(header.size == line.size());
  CHECK(header.has_address);
  CHECK(header.port == 40000);
  CHECK(address_text(header) == "192.0.2.1");
  CHECK(parse("PROXY TCP6 2001:db8::1 2001:db8::2 1 65535\r\n", header) == Status::complete);
  CHECK(address_text(header) == "2001:db8::1");
}

TEST_CASE("UNKNOWN leaves the connection's own address", "[proxy]") {
  ProxyHeader header;
  CHECK(parse("PROXY UNKNOWN\r\n", header) == Status::complete);
  CHECK_FALSE(header.has_address);
  CHECK(parse("PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n", header) == Status::complete);
  CHECK_FALSE(header.has_address);
}

TEST_CASE("version 1 lines that are wrong are malformed", "[proxy]") {
  CHECK(parse("PROXY TCP4 192.0.2.1 198.51.100.2 40000\r\n") == Status::malformed);
  CHECK(parse("PROXY TCP4 192.0.2.1 198.51.100.2 40000 1883 x\r\n") == Status::malformed);
  CHECK(parse("PROXY TCP4 2001:db8::1 198.51.100.2 40000 1883\r\n") == Status::malformed);
  CHECK(parse("PROXY TCP4 192.0.2.256 198.51.100.2 40000 1883\r\n") == Status::malformed);
  CHECK(parse("PROXY TCP4 192.0.2.1 198.51.100.2 70000 1883\r\n") == Status::malformed);
  CHECK(parse("PROXY TCP4 192.0.2.1 198.51.100.2 -1 1883\r\n") == Status::malformed);
  CHECK(parse("PROXY UDP4 192.0.2.1 198.51.100.2 1 2\r\n") == Status::malformed);
  CHECK(parse("PROXY \r\n") == Status::malformed);
  CHECK(parse("proxy TCP4") == Status::malformed);
  CHECK(parse("\x10\x0c") == Status::malformed);  // a client that speaks MQTT right away
}

TEST_CASE("a header may come in parts, but version 1 not longer than 107 bytes", "[proxy]") {
  const std::string line = "PROXY TCP4 192.0.2.1 198.51.100.2 40000 1883\r\n";
  for (size_t size = 1; size < line.size(); ++size) REQUIRE(parse(line.substr(0, size)) == Status::incomplete);
  const std::string binary = version2(0x21, 0x11, kIpv4);
  for (size_t size = 1; size < binary.size(); ++size) REQUIRE(parse(binary.substr(0, size)) == Status::incomplete);
  const std::string endless = "PROXY UNKNOWN " + std::string(200, 'x');
  CHECK(parse(endless.substr(0, 106)) == Status::incomplete);
  CHECK(parse(endless.substr(0, 107)) == Status::malformed);
}

TEST_CASE("version 2 names the client's address and skips its extensions", "[proxy]") {
  ProxyHeader header;
  Bytes block = kIpv4;
  block.insert(block.end(), {0x04, 0, 3, 'a', 'b', 'c'});
  const std::string text = version2(0x21, 0x11, block);
  CHECK(parse(text + "mqtt", header) == Status::complete);
  CHECK(header.size == text.size());
  CHECK(header.has_address);
  CHECK(header.port == 40000);
  CHECK(address_text(header) == "192.0.2.1");

  Bytes ipv6(36, 0);
  ipv6[0] = 0x20;
  ipv6[1] = 0x01;
  ipv6[15] = 7;
  ipv6[33] = 80;
  CHECK(parse(version2(0x21, 0x21, ipv6), header) == Status::complete);
  CHECK(address_text(header) == "2001::7");
  CHECK(header.port == 80);
}

TEST_CASE("version 2 LOCAL and unspecified leave the connection's own address", "[proxy]") {
  ProxyHeader header;
  CHECK(parse(version2(0x20, 0x00, {}), header) == Status::complete);
  CHECK_FALSE(header.has_address);
  CHECK(parse(version2(0x20, 0x11, kIpv4), header) == Status::complete);
  CHECK_FALSE(header.has_address);
  CHECK(header.size == 28);
  CHECK(parse(version2(0x21, 0x00, {}), header) == Status::complete);
  CHECK_FALSE(header.has_address);
}

TEST_CASE("version 2 headers that are wrong are malformed", "[proxy]") {
  ProxyHeader header;
  CHECK(parse(version2(0x11, 0x11, kIpv4)) == Status::malformed);          // version 1 in binary form
  CHECK(parse(version2(0x22, 0x11, kIpv4)) == Status::malformed);          // no such command
  CHECK(parse(version2(0x21, 0x12, kIpv4)) == Status::malformed);          // UDP
  CHECK(parse(version2(0x21, 0x31, Bytes(216, 0))) == Status::malformed);  // a UNIX path is no client address
  CHECK(parse(version2(0x21, 0x11, Bytes(kIpv4.begin(), kIpv4.end() - 1))) == Status::malformed);
  CHECK(parse(version2(0x21, 0x21, kIpv4)) == Status::malformed);
  CHECK(parse(version2(0x21, 0x11, Bytes(300, 0)), header, 200) == Status::malformed);
  // Longer than allowed: known from the first sixteen bytes.
  CHECK(parse(version2(0x21, 0x11, Bytes(3000, 0)).substr(0, 16), header, kLimit) == Status::malformed);
  std::string broken = version2(0x21, 0x11, kIpv4);
  broken[5] = 'x';
  CHECK(parse(broken) == Status::malformed);
}

}  // namespace patchbay::net

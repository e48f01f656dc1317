#include "session/peer_info.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>
#include <string>

#include "session/connection_port.h"

namespace patchbay::session {

TEST_CASE("addresses are written in the form of their family", "[peer]") {
  PeerInfo peer;
  CHECK(peer.address_text() == "::");
  const uint8_t ipv4[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 127, 0, 0, 1};
  std::copy(std::begin(ipv4), std::end(ipv4), peer.address);
  CHECK(peer.address_text() == "127.0.0.1");
  const uint8_t ipv6[16] = {0x20, 0x01, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  std::copy(std::begin(ipv6), std::end(ipv6), peer.address);
  CHECK(peer.address_text() == "2001:db8::1");
}

TEST_CASE("every reason for closing has a name of its own", "[peer]") {
  std::set<std::string_view> names;
  for (int reason = 0; reason <= static_cast<int>(CloseReason::server_shutdown); ++reason) {
    names.insert(close_reason_name(static_cast<CloseReason>(reason)));
  }
  CHECK(names.size() == static_cast<size_t>(CloseReason::server_shutdown) + 1);
  CHECK(close_reason_name(CloseReason::normal) == "normal");
  CHECK(close_reason_name(CloseReason::slow_consumer) == "slow_consumer");
  CHECK(close_reason_name(CloseReason::server_shutdown) == "server_shutdown");
}

}  // namespace patchbay::session

#include "operations/ban.h"

#include <catch2/catch.hpp>

#include "operations/ban_pattern.h"
#include "operations/ban_table.h"

namespace patchbay::test {
namespace {

using operations::Ban;
using operations::BanKind;
using operations::BanTable;
using operations::KeptBan;
using operations::KeptBanRef;

Ban ban_of(BanKind kind, std::string who) {
  Ban ban;
  ban.kind = kind;
  ban.who = std::move(who);
  ban.at_unix_s = 100;
  return ban;
}

KeptBanRef kept(BanKind kind, std::string who, std::optional<uint64_t> until = {}) {
  auto ban = std::make_shared<KeptBan>();
  ban->ban = ban_of(kind, std::move(who));
  ban->ban.until_unix_s = until;
  if (kind == BanKind::client_id_pattern || kind == BanKind::username_pattern)
    ban->pattern = std::make_shared<const operations::BanPattern>(ban->ban.who);
  return ban;
}

operations::Address address(const char* text) {
  return operations::address_from(text).value();
}

}  // namespace

TEST_CASE("Networks contain the addresses whose first bits are theirs", "[operations]") {
  const auto network = operations::network_from("10.1.128.0/17").value();
  CHECK(network.contains(address("10.1.128.1")));
  CHECK(network.contains(address("10.1.255.255")));
  CHECK_FALSE(network.contains(address("10.1.127.255")));
  CHECK_FALSE(network.contains(address("2001:db8::1")));
  CHECK(operations::network_from("0.0.0.0/0")->contains(address("192.0.2.1")));
  CHECK_FALSE(operations::network_from("0.0.0.0/0")->contains(address("2001:db8::1")));
  CHECK(operations::network_from("2001:db8::/33")->contains(address("2001:db8:7fff::1")));
  CHECK_FALSE(operations::network_from("2001:db8::/33")->contains(address("2001:db8:8000::1")));
  CHECK(operations::network_from("192.0.2.1")->contains(address("192.0.2.1")));
  CHECK_FALSE(operations::network_from("192.0.2.1")->contains(address("192.0.2.2")));
}

TEST_CASE("What is no address or network is refused", "[operations]") {
  for (const char* text : {"", "1.2.3", "1.2.3.4.5", "host", "1.2.3.4%eth0", "::g", "1.2.3.4/8"})
    CHECK_FALSE(operations::address_from(text));
  for (const char* text : {"10.0.0.0/33", "10.0.0.0/", "10.0.0.0/x", "10.0.0.0/-1", "10.0.0.0/8 ", "::/129", "/8"})
    CHECK_FALSE(operations::network_from(text));
}

TEST_CASE("A ban is checked, and its address gets its usual form", "[operations]") {
  CHECK(operations::checked(ban_of(BanKind::peer_host, "::ffff:192.0.2.1"))->who == "192.0.2.1");
  CHECK(operations::checked(ban_of(BanKind::peer_host, "2001:DB8:0::1"))->who == "2001:db8::1");
  CHECK(operations::checked(ban_of(BanKind::peer_net, "10.0.0.0/8"))->who == "10.0.0.0/8");
  CHECK_FALSE(operations::checked(ban_of(BanKind::peer_host, "10.0.0.0/8")));
  CHECK_FALSE(operations::checked(ban_of(BanKind::client_id, "")));
  CHECK_FALSE(operations::checked(ban_of(BanKind::client_id_pattern, "a(b")));
  CHECK_FALSE(operations::checked(ban_of(BanKind::username_pattern, std::string(2'000, 'x'))));
  Ban over = ban_of(BanKind::client_id, "c");
  over.until_unix_s = 100;
  CHECK(operations::checked(over).error().find("until") != std::string::npos);
  over.until_unix_s = 101;
  CHECK(operations::checked(over));
}

TEST_CASE("Every kind has a name, and the names come back", "[operations]") {
  for (const char* name : {"clientid", "username", "peerhost", "peerhost_net", "clientid_re", "username_re"})
    CHECK(operations::ban_kind_name(operations::ban_kind_from(name).value()) == name);
  CHECK_FALSE(operations::ban_kind_from("ip"));
}

TEST_CASE("A table knows the names and addresses of its bans, while they hold", "[operations]") {
  const BanTable table({kept(BanKind::client_id, "bad"), kept(BanKind::username, "mallory"),
                        kept(BanKind::client_id_pattern, "^spam-[0-9]+$"), kept(BanKind::username_pattern, "evil"),
                        kept(BanKind::client_id, "soon", 200), kept(BanKind::peer_host, "192.0.2.1"),
                        kept(BanKind::peer_net, "198.51.100.0/24", 200)});
  CHECK(table.has_names());
  CHECK(table.has_addresses());
  CHECK(table.bans_names("bad", "", 150));
  CHECK_FALSE(table.bans_names("bad2", "", 150));
  CHECK(table.bans_names("x", "mallory", 150));
  CHECK_FALSE(table.bans_names("mallory", "bad", 150));
  CHECK(table.bans_names("spam-77", "", 150));
  CHECK_FALSE(table.bans_names("spam-77x", "", 150));
  CHECK(table.bans_names("x", "the evil one", 150));
  CHECK(table.bans_names("soon", "", 199));
  CHECK_FALSE(table.bans_names("soon", "", 200));
  CHECK(table.bans_address(address("192.0.2.1"), 150));
  CHECK_FALSE(table.bans_address(address("192.0.2.2"), 150));
  CHECK(table.bans_address(address("198.51.100.9"), 150));
  CHECK_FALSE(table.bans_address(address("198.51.100.9"), 200));
}

TEST_CASE("Nobody is called nothing", "[operations]") {
  const BanTable table({kept(BanKind::client_id_pattern, ".*"), kept(BanKind::username_pattern, "^$")});
  CHECK_FALSE(table.bans_names("", "", 1));
  CHECK(table.bans_names("x", "", 1));
}

}  // namespace patchbay::test

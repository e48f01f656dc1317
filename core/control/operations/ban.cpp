#include "operations/ban.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "access/ip_text.h"
#include "operations/ban_pattern.h"

namespace patchbay::operations {

namespace {

constexpr std::pair<BanKind, std::string_view> kBanKinds[] = {
    {BanKind::client_id, "clientid"},
    {BanKind::username, "username"},
    {BanKind::peer_host, "peerhost"},
    {BanKind::peer_net, "peerhost_net"},
    {BanKind::client_id_pattern, "clientid_re"},
    {BanKind::username_pattern, "username_re"},
};
constexpr uint8_t kMappedBits = 96;  // what stands before an IPv4 address in the sixteen bytes

bool is_pattern(BanKind kind) {
  return kind == BanKind::client_id_pattern || kind == BanKind::username_pattern;
}

std::string network_text(const Network& network) {
  const std::string address = access::ip_text(network.address);
  const bool v4 = address.find(':') == std::string::npos;
  return address + '/' + std::to_string(network.prefix_bits - (v4 ? kMappedBits : 0));
}

}  // namespace

std::string_view ban_kind_name(BanKind kind) {
  return kBanKinds[static_cast<size_t>(kind)].second;
}

std::optional<BanKind> ban_kind_from(std::string_view name) {
  for (const auto& [kind, known] : kBanKinds) {
    if (known == name) return kind;
  }
  return std::nullopt;
}

bool Network::contains(const Address& other) const {
  const size_t whole = prefix_bits / 8;
  if (!std::equal(address.begin(), address.begin() + whole, other.begin())) return false;
  const unsigned rest = prefix_bits % 8;
  if (rest == 0) return true;
  const auto mask = static_cast<uint8_t>(0xFF00U >> rest);
  return (address[whole] & mask) == (other[whole] & mask);
}

std::optional<Address> address_from(std::string_view text) {
  if (text.size() >= INET6_ADDRSTRLEN) return std::nullopt;
  const std::string terminated(text);
  Address address{};
  if (inet_pton(AF_INET6, terminated.c_str(), address.data()) == 1) return address;
  if (inet_pton(AF_INET, terminated.c_str(), address.data() + 12) != 1) return std::nullopt;
  address[10] = address[11] = 0xFF;
  return address;
}

std::optional<Network> network_from(std::string_view text) {
  const size_t slash = text.find('/');
  const std::string_view host = text.substr(0, slash);
  const auto address = address_from(host);
  if (!address) return std::nullopt;
  Network network{*address, 128};
  if (slash == std::string_view::npos) return network;
  const bool v4 = host.find(':') == std::string_view::npos;
  const std::string_view digits = text.substr(slash + 1);
  unsigned bits = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  if (error != std::errc{} || end != digits.data() + digits.size() || bits > (v4 ? 32U : 128U)) return std::nullopt;
  network.prefix_bits = static_cast<uint8_t>(bits + (v4 ? kMappedBits : 0U));
  return network;
}

base::Result<Ban, std::string> checked(Ban ban) {
  if (ban.who.empty()) return base::fail(std::string("who: must not be empty"));
  if (ban.who.size() > (is_pattern(ban.kind) ? kBanPatternMax : kBanWhoMax))
    return base::fail(std::string("who: is too long"));
  if (ban.by.size() > kBanTextMax || ban.reason.size() > kBanTextMax)
    return base::fail("by, reason: at most " + std::to_string(kBanTextMax) + " bytes");
  if (ban.until_unix_s && *ban.until_unix_s <= ban.at_unix_s)
    return base::fail(std::string("until: must be later than at"));
  if (ban.kind == BanKind::peer_host) {
    const auto address = address_from(ban.who);
    if (!address) return base::fail(std::string("who: peerhost must be an IPv4 or IPv6 address"));
    ban.who = access::ip_text(*address);
  }
  if (ban.kind == BanKind::peer_net) {
    const auto network = network_from(ban.who);
    if (!network) return base::fail(std::string("who: peerhost_net must be a network such as 10.0.0.0/8"));
    ban.who = network_text(*network);
  }
  if (is_pattern(ban.kind)) {
    if (const auto problem = BanPattern::problem(ban.who))
      return base::fail("who: is no regular expression: " + *problem);
  }
  return ban;
}

}  // namespace patchbay::operations

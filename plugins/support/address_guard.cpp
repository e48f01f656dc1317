#include "support/address_guard.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace patchbay::support {

namespace {

using Address = std::array<uint8_t, 16>;

constexpr unsigned kMappedBits = 96;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

Address mapped(const uint8_t* four_bytes) {
  Address out{};
  out[10] = out[11] = 0xFF;
  std::memcpy(out.data() + 12, four_bytes, 4);
  return out;
}

/// The address and how many bits it has in its own family.
std::optional<std::pair<Address, unsigned>> parse_address(const std::string& text) {
  uint8_t bytes[16];
  if (::inet_pton(AF_INET, text.c_str(), bytes) == 1) return {{mapped(bytes), 32}};
  if (::inet_pton(AF_INET6, text.c_str(), bytes) != 1) return {};
  Address out;
  std::memcpy(out.data(), bytes, sizeof bytes);
  return {{out, 128}};
}

std::optional<Address> address_of(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    sockaddr_in four;
    std::memcpy(&four, &address, sizeof four);
    return mapped(reinterpret_cast<const uint8_t*>(&four.sin_addr));
  }
  if (address.sa_family != AF_INET6) return {};
  sockaddr_in6 six;
  std::memcpy(&six, &address, sizeof six);
  Address out;
  std::memcpy(out.data(), &six.sin6_addr, out.size());
  return out;
}

bool ends_with_domain(std::string_view host, std::string_view domain) {
  return host.size() > domain.size() && host.ends_with(domain);
}

}  // namespace

std::optional<AddressGuard::Network> AddressGuard::parse_network(std::string_view text) {
  const size_t slash = text.find('/');
  const auto address = parse_address(std::string(text.substr(0, slash)));
  if (!address) return {};
  const auto [bytes, width] = *address;
  unsigned bits = width;
  if (slash != std::string_view::npos) {
    const std::string_view number = text.substr(slash + 1);
    const auto read = std::from_chars(number.data(), number.data() + number.size(), bits);
    if (read.ec != std::errc() || read.ptr != number.data() + number.size() || bits > width) return {};
  }
  return Network{bytes, width == 32 ? bits + kMappedBits : bits};
}

std::optional<AddressGuard> AddressGuard::make(const std::vector<std::string>& hosts,
                                               const std::vector<std::string>& networks, std::string& reason) {
  AddressGuard out;
  for (const auto& host : hosts) out.hosts_.push_back(lower(host));
  for (const auto& text : networks) {
    const auto network = parse_network(text);
    if (!network) {
      reason = "\"" + text + "\" is no network such as \"10.0.0.0/8\"";
      return {};
    }
    out.networks_.push_back(*network);
  }
  return out;
}

bool AddressGuard::allows_host(std::string_view host) const {
  if (hosts_.empty()) return true;
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  const std::string asked = lower(host);
  return std::any_of(hosts_.begin(), hosts_.end(), [&](const std::string& allowed) {
    return allowed.starts_with("*.") ? ends_with_domain(asked, std::string_view(allowed).substr(1)) : asked == allowed;
  });
}

bool AddressGuard::contains(const Network& network, const Address& address) {
  const unsigned whole = network.prefix_bits / 8;
  if (!std::equal(address.begin(), address.begin() + whole, network.address.begin())) return false;
  const unsigned rest = network.prefix_bits % 8;
  if (rest == 0) return true;
  const auto mask = static_cast<uint8_t>(0xFF << (8 - rest));
  return (address[whole] & mask) == (network.address[whole] & mask);
}

bool AddressGuard::unusual(const Address& address) {
  static const std::vector<Network> refused = [] {
    std::vector<Network> out;
    for (const char* text :
         {"0.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "255.255.255.255", "::", "fe80::/10", "ff00::/8"}) {
      out.push_back(*parse_network(text));
    }
    return out;
  }();
  return std::any_of(refused.begin(), refused.end(), [&](const Network& each) { return contains(each, address); });
}

bool AddressGuard::allows_address(const sockaddr& address) const {
  const auto bytes = address_of(address);
  if (!bytes) return false;
  if (networks_.empty()) return !unusual(*bytes);
  return std::any_of(networks_.begin(), networks_.end(), [&](const Network& each) { return contains(each, *bytes); });
}

}  // namespace patchbay::support

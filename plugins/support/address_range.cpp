#include "support/address_range.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <string>

namespace patchbay::support {

namespace {

constexpr unsigned kAddressBits = 128;
constexpr unsigned kMappedFrontBits = 96;  // in front of an IPv4 address in its mapped form

bool is_ipv4(std::string_view text) {
  return text.find(':') == std::string_view::npos;
}

}  // namespace

bool is_mapped_ipv4(const Address& address) {
  static constexpr Address kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  return std::equal(kMapped.begin(), kMapped.begin() + kMappedFrontBits / 8, address.begin());
}

std::optional<Address> parse_address(std::string_view text) {
  const std::string terminated(text);
  Address address{};
  if (!is_ipv4(text)) {
    if (::inet_pton(AF_INET6, terminated.c_str(), address.data()) != 1) return std::nullopt;
    return address;
  }
  address[10] = address[11] = 0xFF;
  if (::inet_pton(AF_INET, terminated.c_str(), address.data() + kMappedFrontBits / 8) != 1) return std::nullopt;
  return address;
}

std::optional<AddressRange> AddressRange::parse(std::string_view text) {
  const size_t slash = text.find('/');
  const auto address = parse_address(text.substr(0, slash));
  if (!address) return std::nullopt;
  AddressRange range{*address, kAddressBits};
  if (slash == std::string_view::npos) return range;
  const std::string_view length = text.substr(slash + 1);
  const unsigned front = is_ipv4(text.substr(0, slash)) ? kMappedFrontBits : 0;
  unsigned bits = 0;
  const auto read = std::from_chars(length.data(), length.data() + length.size(), bits);
  if (length.empty() || read.ec != std::errc() || read.ptr != length.data() + length.size()) return std::nullopt;
  if (bits > kAddressBits - front) return std::nullopt;
  range.bits = front + bits;
  return range;
}

bool AddressRange::contains(const Address& address) const {
  const unsigned whole = bits / 8;
  for (unsigned index = 0; index < whole; ++index) {
    if (address[index] != begin[index]) return false;
  }
  const unsigned rest = bits % 8;
  return rest == 0 || ((address[whole] ^ begin[whole]) >> (8 - rest)) == 0;
}

}  // namespace patchbay::support

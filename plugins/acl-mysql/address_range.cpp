#include "address_range.h"

#include <arpa/inet.h>

#include <charconv>
#include <string>

namespace patchbay::acl_mysql {

namespace {
constexpr unsigned kMappedBits = 96;  // in front of an IPv4 address in its mapped form
constexpr unsigned kAllBits = 128;
}  // namespace

std::optional<AddressRange> AddressRange::parse(std::string_view text) {
  const size_t slash = text.find('/');
  const std::string address(text.substr(0, slash));
  AddressRange made;
  unsigned offset = 0;
  if (::inet_pton(AF_INET, address.c_str(), made.address_.data() + kMappedBits / 8) == 1) {
    offset = kMappedBits;
    made.address_[10] = made.address_[11] = 0xFF;
  } else if (::inet_pton(AF_INET6, address.c_str(), made.address_.data()) != 1) {
    return std::nullopt;
  }
  made.bits_ = kAllBits;
  if (slash == std::string_view::npos) return made;
  const std::string_view length = text.substr(slash + 1);
  unsigned bits = 0;
  const auto read = std::from_chars(length.data(), length.data() + length.size(), bits);
  if (read.ec != std::errc() || read.ptr != length.data() + length.size() || bits > kAllBits - offset) {
    return std::nullopt;
  }
  made.bits_ = offset + bits;
  return made;
}

bool AddressRange::contains(const std::array<std::uint8_t, 16>& address) const {
  const size_t whole = bits_ / 8;
  for (size_t index = 0; index < whole; ++index) {
    if (address[index] != address_[index]) return false;
  }
  const unsigned rest = bits_ % 8;
  return rest == 0 || ((address[whole] ^ address_[whole]) >> (8 - rest)) == 0;
}

}  // namespace patchbay::acl_mysql

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace patchbay::support {

/// An IPv6 address, or an IPv4 one in its mapped form, in network order.
using Address = std::array<uint8_t, 16>;

/// "192.0.2.7" or "2001:db8::7". Allocates. [any-thread]
[[nodiscard]] std::optional<Address> parse_address(std::string_view text);

/// Whether it is an IPv4 address in its mapped form. [any-thread]
[[nodiscard]] bool is_mapped_ipv4(const Address& address);

/// The addresses that begin like one: "192.0.2.0/24", "2001:db8::/32", or a single address. [any-thread]
struct AddressRange {
  Address begin{};
  unsigned bits = 128;

  [[nodiscard]] static std::optional<AddressRange> parse(std::string_view text);
  [[nodiscard]] bool contains(const Address& address) const;
};

}  // namespace patchbay::support

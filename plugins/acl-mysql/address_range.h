#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace patchbay::acl_mysql {

/// "192.0.2.7", "192.0.2.0/24", "2001:db8::/32": addresses that begin alike. [any-thread]
class AddressRange {
 public:
  /// Nothing where the text is no address, or the length is too great.
  [[nodiscard]] static std::optional<AddressRange> parse(std::string_view text);
  /// `address`: IPv6, or IPv4 mapped, network order.
  [[nodiscard]] bool contains(const std::array<std::uint8_t, 16>& address) const;

 private:
  std::array<std::uint8_t, 16> address_{};
  unsigned bits_ = 0;
};

}  // namespace patchbay::acl_mysql

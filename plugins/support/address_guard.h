#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct sockaddr;

namespace patchbay::support {

/// Where a plugin may connect to: a fence against server-side request forgery. It is asked twice: for the host name of
/// a URL, and for the address that the name led to, so that a name that resolves to something else doesn't help.
/// Constant once made. [any-thread]
class AddressGuard {
 public:
  /// Any host, and any address that a back end can have: see allows_address().
  AddressGuard() = default;
  /// `hosts`: names, or "*.example.com" for all below one; none: any. `networks`: "10.0.0.0/8", "::1/128", or a single
  /// address; none: any. Nothing where a network can't be read; `reason` says which.
  [[nodiscard]] static std::optional<AddressGuard> make(const std::vector<std::string>& hosts,
                                                        const std::vector<std::string>& networks, std::string& reason);

  /// Names are compared without regard to case; an IPv6 address may stand in brackets.
  [[nodiscard]] bool allows_host(std::string_view host) const;
  /// Without networks of its own: all but unspecified, link-local (where clouds keep their metadata), multicast and
  /// broadcast addresses. With networks: those only. IPv4 addresses mapped into IPv6 count as IPv4.
  [[nodiscard]] bool allows_address(const sockaddr& address) const;

 private:
  struct Network {
    std::array<uint8_t, 16> address{};  // IPv4 as mapped
    unsigned prefix_bits = 128;
  };
  static std::optional<Network> parse_network(std::string_view text);
  static bool contains(const Network& network, const std::array<uint8_t, 16>& address);
  static bool unusual(const std::array<uint8_t, 16>& address);

  std::vector<std::string> hosts_;  // in lower case
  std::vector<Network> networks_;
};

}  // namespace patchbay::support

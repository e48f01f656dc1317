#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace patchbay::operations {

/// What a ban is about. The names are those of EMQX's API.
enum class BanKind : uint8_t { client_id, username, peer_host, peer_net, client_id_pattern, username_pattern };

[[nodiscard]] std::string_view ban_kind_name(BanKind kind);  ///< "clientid", "peerhost_net", "username_re"
[[nodiscard]] std::optional<BanKind> ban_kind_from(std::string_view name);

/// Someone who must not connect.
struct Ban {
  BanKind kind = BanKind::client_id;
  std::string who;  ///< a name, an address, a network "10.0.0.0/8", or a regular expression (found anywhere)
  std::string by;   ///< who says so
  std::string reason;
  uint64_t at_unix_s = 0;
  std::optional<uint64_t> until_unix_s;  ///< nothing: for good
};

/// An address as the flow plane has it: IPv6, or IPv4 mapped, network order.
using Address = std::array<uint8_t, 16>;

/// A part of the address space.
struct Network {
  Address address{};
  uint8_t prefix_bits = 128;  ///< of the sixteen bytes: 96 more than what is written for IPv4

  [[nodiscard]] bool contains(const Address& other) const;
};

/// "192.0.2.1", "2001:db8::1", without a zone. [any-thread]
[[nodiscard]] std::optional<Address> address_from(std::string_view text);
/// "10.0.0.0/8", "2001:db8::/32", and an address alone. [any-thread]
[[nodiscard]] std::optional<Network> network_from(std::string_view text);

/// Bounds of a ban's texts, in bytes.
inline constexpr size_t kBanWhoMax = 65'535;  // a client id may be so long
inline constexpr size_t kBanPatternMax = 1'024;
inline constexpr size_t kBanTextMax = 1'024;

/// The ban with `who` in its usual form ("::ffff:1.2.3.4" is "1.2.3.4"), or a sentence about what is wrong with it.
[[nodiscard]] base::Result<Ban, std::string> checked(Ban ban);

}  // namespace patchbay::operations

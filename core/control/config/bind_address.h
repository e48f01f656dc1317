#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace patchbay::config {

/// A numeric address and port: "127.0.0.1:1883", "[::1]:1883".
struct BindAddress {
  bool is_ipv6 = false;
  std::array<uint8_t, 16> address{};  ///< network order; IPv4 in the first four bytes
  uint16_t port = 0;                  ///< 0: any free port

  [[nodiscard]] bool is_loopback() const;
  /// 0.0.0.0 or [::]: every address of this machine.
  [[nodiscard]] bool is_any() const;
};

/// Nothing unless the text is exactly an address and a port. Names are refused: what they stand for can change after
/// the check whether an address is a loopback one.
[[nodiscard]] std::optional<BindAddress> parse_bind_address(std::string_view text);

/// Whether two listeners cannot both accept there.
[[nodiscard]] bool overlap(const BindAddress& one, const BindAddress& other);

}  // namespace patchbay::config

#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace patchbay::access {

/// The usual text of an address: "127.0.0.1" for an IPv4-mapped one, else the short form of RFC 5952. [any-thread]
[[nodiscard]] std::string ip_text(std::span<const uint8_t, 16> address);

}  // namespace patchbay::access

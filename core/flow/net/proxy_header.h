#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace patchbay::net {

/// What a load balancer says about the client behind it.
struct ProxyHeader {
  size_t size = 0;           ///< bytes of the header, its extensions included
  bool has_address = false;  ///< false: LOCAL, UNKNOWN or unspecified; the connection's own address counts
  uint8_t address[16] = {};  ///< source, IPv4 as mapped IPv6
  uint16_t port = 0;
};

enum class ProxyHeaderStatus : uint8_t { complete, incomplete, malformed };

/// Reads a PROXY protocol header, version 1 (text) or 2 (binary), from the front of `bytes`. A header longer than
/// `limit` bytes is malformed. Pure. [any-thread]
///
///     v1   PROXY TCP4 192.0.2.1 198.51.100.2 40000 1883 CR LF
///     v2   0D 0A 0D 0A 00 0D 0A 51 55 49 54 0A | version, command | family, transport | length (2) | addresses, TLVs
[[nodiscard]] ProxyHeaderStatus parse_proxy_header(std::span<const uint8_t> bytes, size_t limit, ProxyHeader& header);

}  // namespace patchbay::net

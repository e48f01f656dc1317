#include "config/bind_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace patchbay::config {

namespace {

std::optional<uint16_t> parse_port(std::string_view text) {
  uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return port;
}

bool is_zero(const uint8_t* begin, const uint8_t* end) {
  return std::all_of(begin, end, [](uint8_t byte) { return byte == 0; });
}

}  // namespace

bool BindAddress::is_loopback() const {
  if (!is_ipv6) return address[0] == 127;
  const bool one = is_zero(address.data(), address.data() + 15) && address[15] == 1;
  const bool mapped = is_zero(address.data(), address.data() + 10) && address[10] == 0xFF && address[11] == 0xFF;
  return one || (mapped && address[12] == 127);
}

bool BindAddress::is_any() const {
  return is_zero(address.data(), address.data() + address.size());
}

std::optional<BindAddress> parse_bind_address(std::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::optional<uint16_t> port = parse_port(text.substr(colon + 1));
  if (!port) return std::nullopt;
  BindAddress bind;
  bind.port = *port;
  std::string host(text.substr(0, colon));
  bind.is_ipv6 = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bind.is_ipv6) host = host.substr(1, host.size() - 2);
  if (inet_pton(bind.is_ipv6 ? AF_INET6 : AF_INET, host.c_str(), bind.address.data()) != 1) return std::nullopt;
  return bind;
}

bool overlap(const BindAddress& one, const BindAddress& other) {
  if (one.port != other.port || one.port == 0) return false;
  // [::] takes the IPv4 addresses too unless the system says otherwise.
  if ((one.is_any() && one.is_ipv6) || (other.is_any() && other.is_ipv6)) return true;
  if (one.is_ipv6 != other.is_ipv6) return false;
  return one.is_any() || other.is_any() || one.address == other.address;
}

}  // namespace patchbay::config

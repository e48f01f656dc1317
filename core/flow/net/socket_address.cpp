#include "net/socket_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace patchbay::net {

namespace {

constexpr uint8_t kMappedPrefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

template <class T>
T& as(sockaddr_storage& storage) {
  return reinterpret_cast<T&>(storage);
}
template <class T>
const T& as(const sockaddr_storage& storage) {
  return reinterpret_cast<const T&>(storage);
}

bool fill_host(SocketAddress& address, std::string_view host) {
  if (host.empty() || host == "*") {
    address.any = true;
    address.storage.ss_family = AF_INET6;
    address.size = sizeof(sockaddr_in6);
    return true;
  }
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  const std::string text(bracketed ? host.substr(1, host.size() - 2) : host);
  if (bracketed) {
    address.storage.ss_family = AF_INET6;
    address.size = sizeof(sockaddr_in6);
    return inet_pton(AF_INET6, text.c_str(), &as<sockaddr_in6>(address.storage).sin6_addr) == 1;
  }
  address.storage.ss_family = AF_INET;
  address.size = sizeof(sockaddr_in);
  return inet_pton(AF_INET, text.c_str(), &as<sockaddr_in>(address.storage).sin_addr) == 1;
}

}  // namespace

uint16_t SocketAddress::port() const {
  return ntohs(family() == AF_INET ? as<sockaddr_in>(storage).sin_port : as<sockaddr_in6>(storage).sin6_port);
}

void SocketAddress::set_port(uint16_t port) {
  (family() == AF_INET ? as<sockaddr_in>(storage).sin_port : as<sockaddr_in6>(storage).sin6_port) = htons(port);
}

bool SocketAddress::loopback() const {
  session::PeerInfo info;
  set_peer_address(info, storage);
  return info.loopback;
}

std::string SocketAddress::text() const {
  char host[INET6_ADDRSTRLEN] = {};
  if (family() == AF_INET) {
    inet_ntop(AF_INET, &as<sockaddr_in>(storage).sin_addr, host, sizeof(host));
    return std::string(host).append(":").append(std::to_string(port()));
  }
  inet_ntop(AF_INET6, &as<sockaddr_in6>(storage).sin6_addr, host, sizeof(host));
  return std::string("[").append(host).append("]:").append(std::to_string(port()));
}

std::optional<SocketAddress> parse_socket_address(std::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string_view digits = text.substr(colon + 1);
  uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  SocketAddress address;
  if (!fill_host(address, text.substr(0, colon))) return std::nullopt;
  address.set_port(port);
  return address;
}

void set_peer_address(session::PeerInfo& peer, const sockaddr_storage& storage) {
  if (storage.ss_family == AF_INET) {
    std::copy(std::begin(kMappedPrefix), std::end(kMappedPrefix), peer.address);
    std::memcpy(peer.address + sizeof(kMappedPrefix), &as<sockaddr_in>(storage).sin_addr, 4);
    peer.port = ntohs(as<sockaddr_in>(storage).sin_port);
  } else {
    std::memcpy(peer.address, &as<sockaddr_in6>(storage).sin6_addr, sizeof(peer.address));
    peer.port = ntohs(as<sockaddr_in6>(storage).sin6_port);
  }
  peer.loopback = is_loopback(peer.address);
}

bool is_loopback(const uint8_t (&address)[16]) {
  static constexpr uint8_t kLoopback6[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  if (std::equal(std::begin(address), std::end(address), kLoopback6)) return true;
  return std::equal(std::begin(kMappedPrefix), std::end(kMappedPrefix), address) && address[12] == 127;
}

}  // namespace patchbay::net

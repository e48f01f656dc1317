#include "plugin_services/outgoing_target.h"

#include <netdb.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string_view>

#include "patchbay/protocol.h"
#include "plugin_services/service_account.h"

namespace patchbay::plugin_services {

namespace {

constexpr size_t kHostMax = 253;  // RFC 1035 section 2.3.4, written with dots
constexpr size_t kAddressesMax = 8;
constexpr uint32_t kTimeoutMaxMs = 300'000;

bool is_plain(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) <= ' '; });
}

struct FreeAddresses {
  void operator()(addrinfo* list) const { freeaddrinfo(list); }
};

}  // namespace

base::Result<OutgoingTarget, std::string> target_of(const patchbay_stream_target& asked) {
  OutgoingTarget target;
  target.transport = asked.transport;
  target.host = view_of(asked.host);
  target.server_name = view_of(asked.server_name);
  target.ca_file = view_of(asked.ca_file);
  target.port = asked.port;
  target.verify = asked.insecure == 0;
  if (asked.connect_timeout_ms != 0) target.connect_timeout_ms = std::min(asked.connect_timeout_ms, kTimeoutMaxMs);
  if (target.server_name.empty()) target.server_name = target.host;
  if (target.transport != PATCHBAY_TRANSPORT_TCP && target.transport != PATCHBAY_TRANSPORT_TLS &&
      target.transport != PATCHBAY_TRANSPORT_UDP)
    return base::fail(std::string("an outgoing stream is TCP, TLS or UDP"));
  if (target.host.empty() || target.host.size() > kHostMax || !is_plain(target.host))
    return base::fail(std::string("the host of an outgoing stream is no name and no address"));
  if (target.server_name.size() > kHostMax || !is_plain(target.server_name))
    return base::fail(std::string("the server name of an outgoing stream is no name"));
  if (target.port == 0) return base::fail(std::string("an outgoing stream needs a port"));
  return target;
}

base::Result<std::vector<OutgoingAddress>, std::string> addresses_of(const OutgoingTarget& target, bool numeric) {
  addrinfo hints = {};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = target.transport == PATCHBAY_TRANSPORT_UDP ? SOCK_DGRAM : SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV | (numeric ? AI_NUMERICHOST : AI_ADDRCONFIG);
  addrinfo* raw = nullptr;
  const int code = getaddrinfo(target.host.c_str(), std::to_string(target.port).c_str(), &hints, &raw);
  const std::unique_ptr<addrinfo, FreeAddresses> list(raw);
  if (code != 0) return base::fail(target.host + ": " + gai_strerror(code));
  std::vector<OutgoingAddress> found;
  for (const addrinfo* each = list.get(); each != nullptr && found.size() < kAddressesMax; each = each->ai_next) {
    OutgoingAddress address;
    std::memcpy(&address.storage, each->ai_addr, each->ai_addrlen);
    address.size = each->ai_addrlen;
    found.push_back(address);
  }
  return found;
}

}  // namespace patchbay::plugin_services

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

struct ssl_st;
struct ssl_ctx_st;

namespace patchbay::net {

/// Role: OpenSSL's way to the datagrams of one peer. [shard]
class DtlsLink {
 public:
  /// One datagram; 0: none now.
  [[nodiscard]] virtual size_t receive_record(std::span<uint8_t> into) = 0;
  virtual void send_record(std::span<const uint8_t> datagram) = 0;
  /// What tells the peer apart; cookies are made for it.
  [[nodiscard]] virtual std::string_view peer_key() const = 0;

 protected:
  ~DtlsLink() = default;
};

struct FreeDtls {
  void operator()(ssl_st* ssl) const;
};
using Dtls = std::unique_ptr<ssl_st, FreeDtls>;

/// A server's side that sends and receives by `link`; nothing that it sends in the handshake is larger than `mtu_bytes`
/// with the headers of UDP and IP. Null: out of memory.
[[nodiscard]] Dtls make_dtls(ssl_ctx_st* context, DtlsLink& link, uint32_t mtu_bytes);
/// From now on by another one.
void set_link(ssl_st& ssl, DtlsLink& link);
/// Cookies (RFC 6347 4.2.1): a keyed hash of the peer's address, with a key of this process.
void use_cookies(ssl_ctx_st& context);

}  // namespace patchbay::net

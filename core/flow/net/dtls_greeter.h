#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "net/dtls_link.h"
#include "net/listener_state.h"
#include "net/unique_fd.h"

namespace patchbay::net {

class TlsGeneration;

/// A handshake whose peer has shown that it receives what is sent to its address.
struct DtlsOpening {
  std::shared_ptr<const TlsGeneration> generation;
  Dtls ssl;
};

/// Greets the peers of a DTLS listener whom nobody knows: none costs memory before its first hello has come back with
/// the cookie that was sent to it (RFC 6347 4.2.1). [shard]
class DtlsGreeter final : private DtlsLink {
 public:
  DtlsGreeter(const UniqueFd& socket, ListenerState& listener) : socket_(socket), listener_(listener) {}

  /// Whether it looks like the first message of a handshake: all that is ever greeted.
  [[nodiscard]] static bool is_hello(std::span<const uint8_t> datagram);
  /// A hello with the right cookie: the handshake that goes on from it. Else an empty opening: it was answered with a
  /// cookie, or dropped.
  [[nodiscard]] DtlsOpening greet(std::span<const uint8_t> datagram, std::string_view peer_key,
                                  const sockaddr_storage& address, socklen_t size);

 private:
  [[nodiscard]] size_t receive_record(std::span<uint8_t> into) override;
  void send_record(std::span<const uint8_t> datagram) override;
  [[nodiscard]] std::string_view peer_key() const override { return peer_key_; }

  const UniqueFd& socket_;
  ListenerState& listener_;
  DtlsOpening next_;

  // Of the datagram that is looked at
  std::span<const uint8_t> hello_;
  std::string_view peer_key_;
  const sockaddr_storage* address_ = nullptr;
  socklen_t address_size_ = 0;
};

}  // namespace patchbay::net

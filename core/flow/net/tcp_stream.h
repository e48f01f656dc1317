#pragma once

#include "net/socket_stream.h"

namespace patchbay::net {

/// Bytes as the socket carries them. [shard]
class TcpStream final : public SocketStream {
 public:
  using SocketStream::SocketStream;

  [[nodiscard]] connection::StreamResult read(std::span<uint8_t> into) override {
    const connection::StreamStatus status = establish();
    if (status != connection::StreamStatus::ok) return {status, 0};
    return receive(into);
  }
  [[nodiscard]] connection::StreamResult write(std::span<const std::span<const uint8_t>> pieces) override {
    const connection::StreamStatus status = establish();
    if (status != connection::StreamStatus::ok) return {status, 0};
    return send(pieces);
  }
};

}  // namespace patchbay::net

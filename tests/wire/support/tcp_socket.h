#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "wire/support/deadline.h"

namespace patchbay::wire {

/// Bytes as they stand on the wire.
using Bytes = std::string;

/// A port of 127.0.0.1 that nobody listens on. Outside the range that the kernel gives to outgoing connections, and
/// spread by process, so that test programs that run side by side do not meet.
uint16_t free_port();

/// A blocking TCP connection to 127.0.0.1 with a deadline on every wait. Its failures are exceptions: here they fail
/// the test.
class TcpSocket {
 public:
  /// `receive_buffer_bytes`: 0 for the kernel's own size.
  explicit TcpSocket(uint16_t port, int receive_buffer_bytes = 0);
  ~TcpSocket();
  TcpSocket(TcpSocket&& other) noexcept;
  TcpSocket& operator=(TcpSocket&&) = delete;

  void send(std::string_view bytes);
  /// Sends what the kernel takes at once; false when that was not all, or the peer has closed.
  [[nodiscard]] bool send_some(std::string_view bytes, size_t& sent);
  /// At least one byte, or none when the peer has closed (a reset counts as that). Throws at the deadline.
  Bytes receive_some(milliseconds patience = kPatience);
  /// Exactly `size` bytes, unless the peer closes before.
  Bytes receive(size_t size, milliseconds patience = kPatience);
  /// True when the peer has closed; what it sent before is dropped. False at the deadline.
  [[nodiscard]] bool closed_by_peer(milliseconds patience = kPatience);
  /// True when there is something to read (the end counts) before the deadline.
  [[nodiscard]] bool readable(milliseconds patience) const;
  /// As a crash of the client does: no goodbye.
  void reset();

 private:
  int descriptor_ = -1;
};

}  // namespace patchbay::wire

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace patchbay::net {

/// RFC 6455, section 5.2.
enum class WebSocketOpcode : uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

/// RFC 6455, section 7.4.1: those that a server may have to send.
enum class WebSocketCloseCode : uint16_t {
  normal = 1000,
  going_away = 1001,
  protocol_error = 1002,
  unsupported_data = 1003,
  invalid_payload = 1007,
  message_too_big = 1009,
};

struct WebSocketFrameHeader {
  bool final = false;
  WebSocketOpcode opcode = WebSocketOpcode::binary;
  uint64_t payload_size = 0;
  std::array<uint8_t, 4> mask = {};
};

enum class WebSocketFrameStatus : uint8_t { complete, incomplete, malformed };

/// Reads the header of a client's frame, byte by byte as it comes: headers are short, and frames begin anywhere in what
/// the socket gives.
///
///      byte 0    FIN, three reserved bits (0), opcode (4)
///      byte 1    MASK (1), length (7): 126 says two length bytes follow, 127 eight
///      then      length, if extended; mask (4); payload
class WebSocketHeaderReader {
 public:
  static constexpr size_t kLargest = 14;

  /// Takes bytes from the front of `bytes` until the header is complete. Checks what one frame alone can break:
  /// reserved bits, opcode, mask, lengths in their shortest form, control frames short and whole. RFC 6455 5.2, 5.5
  [[nodiscard]] WebSocketFrameStatus take(std::span<const uint8_t>& bytes, WebSocketFrameHeader& header);

 private:
  [[nodiscard]] size_t wanted() const;
  [[nodiscard]] bool decode(WebSocketFrameHeader& header) const;

  std::array<uint8_t, kLargest> bytes_;
  uint8_t size_ = 0;
};

/// Applies `mask` to the payload bytes from `from` to `into` (which may be the same or lie before); `offset` is the
/// position of the first byte in its frame's payload. RFC 6455 5.3
void unmask(std::span<const uint8_t> from, uint8_t* into, const std::array<uint8_t, 4>& mask, uint64_t offset);

/// Writes the header of a server's (never masked) final frame; returns its size, at most 10.
[[nodiscard]] size_t write_frame_header(std::span<uint8_t, 10> into, WebSocketOpcode opcode, uint64_t payload_size);

/// Whether a peer may send this close code. RFC 6455 7.4
[[nodiscard]] bool is_valid_close_code(uint16_t code);

}  // namespace patchbay::net

#include "wire/support/websocket.h"

#include <stdexcept>

#include "wire/support/fields.h"

namespace patchbay::wire {
namespace {

constexpr std::string_view kMask = "\x37\xFA\x21\x3D";

std::string text_of(const Websocket::Request& request) {
  std::string text = request.method + " " + request.path + " HTTP/1.1\r\nHost: localhost\r\n";
  text += "Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  text += "Sec-WebSocket-Version: " + request.version + "\r\n";
  if (!request.subprotocol.empty()) text += "Sec-WebSocket-Protocol: " + request.subprotocol + "\r\n";
  return text + request.more_headers + "\r\n";
}

}  // namespace

Websocket::Websocket(uint16_t port, const Request& request) : socket_(port) {
  socket_.send(text_of(request));
  while (response_.find("\r\n\r\n") == std::string::npos) {
    const Bytes byte = socket_.receive(1);
    if (byte.empty()) return;
    response_ += byte;
  }
}

void Websocket::send(uint8_t opcode, std::string_view payload, bool final, bool masked) {
  Bytes frame(1, static_cast<char>(opcode | (final ? 0x80 : 0)));
  const uint8_t mask_bit = masked ? 0x80 : 0;
  if (payload.size() < 126) {
    frame += static_cast<char>(mask_bit | payload.size());
  } else if (payload.size() < 65536) {
    frame += static_cast<char>(mask_bit | 126);
    frame += two_bytes(static_cast<uint32_t>(payload.size()));
  } else {
    const auto size = static_cast<uint32_t>(payload.size());
    frame += static_cast<char>(mask_bit | 127);
    frame += Bytes(4, '\0') + two_bytes(size >> 16) + two_bytes(size);
  }
  if (masked) frame += kMask;
  for (size_t index = 0; index < payload.size(); ++index) {
    frame += masked ? static_cast<char>(payload[index] ^ kMask[index % 4]) : payload[index];
  }
  socket_.send(frame);
}

Frame Websocket::receive() {
  const Bytes head = socket_.receive(2);
  if (head.size() < 2) throw std::runtime_error("the broker closed the WebSocket without a frame");
  const auto first = static_cast<uint8_t>(head[0]);
  size_t size = static_cast<uint8_t>(head[1]);
  if (size >= 0x80) throw std::runtime_error("the broker sent a masked frame");
  const size_t more = size == 126 ? 2 : size == 127 ? 8 : 0;
  if (more > 0) {
    const Bytes length = socket_.receive(more);
    size = 0;
    for (const char byte : length) size = size << 8 | static_cast<uint8_t>(byte);
  }
  return {(first & 0x80) != 0, static_cast<uint8_t>(first & 0x0F), socket_.receive(size)};
}

}  // namespace patchbay::wire

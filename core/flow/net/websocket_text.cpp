#include "net/websocket_text.h"

namespace patchbay::net {

bool WebSocketText::take(std::span<const uint8_t> piece) {
  for (const uint8_t byte : piece) {
    if (missing_ != 0) {
      if (byte < low_ || byte > high_) return false;
      low_ = 0x80;
      high_ = 0xBF;
      --missing_;
    } else if (byte >= 0x80) {
      if (byte < 0xC2 || byte > 0xF4) return false;
      missing_ = byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
      if (byte == 0xE0) low_ = 0xA0;
      if (byte == 0xED) high_ = 0x9F;
      if (byte == 0xF0) low_ = 0x90;
      if (byte == 0xF4) high_ = 0x8F;
    }
  }
  return true;
}

bool WebSocketText::end() {
  const bool whole = missing_ == 0;
  *this = WebSocketText();
  return whole;
}

}  // namespace patchbay::net

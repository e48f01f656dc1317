#pragma once

#include <cstdint>
#include <span>

namespace patchbay::net {

/// Looks at a text message, which comes in pieces that end anywhere, for what isn't UTF-8. RFC 6455 8.1
class WebSocketText {
 public:
  /// False: the message isn't UTF-8. There is nothing to go on with then.
  [[nodiscard]] bool take(std::span<const uint8_t> piece);
  /// Whether the message may end here; the next one begins anew in either case.
  [[nodiscard]] bool end();

 private:
  uint8_t missing_ = 0;  ///< bytes of the character that has begun
  uint8_t low_ = 0x80;   ///< bounds of the next one, against long forms, surrogates, and what is beyond U+10FFFF
  uint8_t high_ = 0xBF;
};

}  // namespace patchbay::net

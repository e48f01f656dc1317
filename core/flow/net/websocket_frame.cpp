#include "net/websocket_frame.h"

#include <cstring>

namespace patchbay::net {

namespace {

constexpr uint8_t kFinal = 0x80;
constexpr uint8_t kReserved = 0x70;
constexpr uint8_t kOpcode = 0x0F;
constexpr uint8_t kMasked = 0x80;
constexpr uint8_t kLength = 0x7F;
constexpr uint8_t kLength16 = 126;
constexpr uint8_t kLength64 = 127;
constexpr uint64_t kControlLimit = 125;
constexpr size_t kMaskSize = 4;

bool is_control(WebSocketOpcode opcode) {
  return (static_cast<uint8_t>(opcode) & 0x8) != 0;
}

bool is_known(uint8_t opcode) {
  return opcode <= static_cast<uint8_t>(WebSocketOpcode::binary) ||
         (opcode >= static_cast<uint8_t>(WebSocketOpcode::close) &&
          opcode <= static_cast<uint8_t>(WebSocketOpcode::pong));
}

size_t length_size(uint8_t length) {
  if (length < kLength16) return 0;
  return length == kLength16 ? 2 : 8;
}

}  // namespace

size_t WebSocketHeaderReader::wanted() const {
  return size_ < 2 ? 2 : 2 + length_size(bytes_[1] & kLength) + kMaskSize;
}

WebSocketFrameStatus WebSocketHeaderReader::take(std::span<const uint8_t>& bytes, WebSocketFrameHeader& header) {
  while (size_ < wanted()) {
    if (bytes.empty()) return WebSocketFrameStatus::incomplete;
    bytes_[size_++] = bytes.front();
    bytes = bytes.subspan(1);
    // A client that does not mask, or uses a bit that means nothing here, is refused before more is read from it.
    const bool bad_first = (bytes_[0] & kReserved) != 0 || !is_known(bytes_[0] & kOpcode);
    if (bad_first || (size_ == 2 && (bytes_[1] & kMasked) == 0)) return WebSocketFrameStatus::malformed;
  }
  size_ = 0;
  return decode(header) ? WebSocketFrameStatus::complete : WebSocketFrameStatus::malformed;
}

bool WebSocketHeaderReader::decode(WebSocketFrameHeader& header) const {
  const uint8_t length = bytes_[1] & kLength;
  const size_t extra = length_size(length);
  uint64_t size = extra == 0 ? length : 0;
  for (size_t at = 0; at < extra; ++at) size = size << 8 | bytes_[2 + at];
  header.final = (bytes_[0] & kFinal) != 0;
  header.opcode = static_cast<WebSocketOpcode>(bytes_[0] & kOpcode);
  header.payload_size = size;
  std::memcpy(header.mask.data(), bytes_.data() + 2 + extra, kMaskSize);
  if (length == kLength16 && size < kLength16) return false;
  if (length == kLength64 && (size <= 0xFFFF || (size >> 63) != 0)) return false;
  return !is_control(header.opcode) || (header.final && size <= kControlLimit);
}

void unmask(std::span<const uint8_t> from, uint8_t* into, const std::array<uint8_t, 4>& mask, uint64_t offset) {
  std::array<uint8_t, 8> turned;
  for (size_t at = 0; at < turned.size(); ++at) turned[at] = mask[(offset + at) % kMaskSize];
  uint64_t wide = 0;
  std::memcpy(&wide, turned.data(), sizeof(wide));
  size_t at = 0;
  for (; at + sizeof(wide) <= from.size(); at += sizeof(wide)) {
    uint64_t word = 0;
    std::memcpy(&word, from.data() + at, sizeof(word));
    word ^= wide;
    std::memcpy(into + at, &word, sizeof(word));
  }
  for (; at < from.size(); ++at) into[at] = from[at] ^ turned[at % turned.size()];
}

size_t write_frame_header(std::span<uint8_t, 10> into, WebSocketOpcode opcode, uint64_t payload_size) {
  into[0] = static_cast<uint8_t>(kFinal | static_cast<uint8_t>(opcode));
  if (payload_size < kLength16) {
    into[1] = static_cast<uint8_t>(payload_size);
    return 2;
  }
  const size_t extra = payload_size <= 0xFFFF ? 2 : 8;
  into[1] = extra == 2 ? kLength16 : kLength64;
  for (size_t at = 0; at < extra; ++at) {
    into[2 + at] = static_cast<uint8_t>(payload_size >> (8 * (extra - 1 - at)));
  }
  return 2 + extra;
}

bool is_valid_close_code(uint16_t code) {
  if (code >= 3000) return code <= 4999;
  return code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
}

}  // namespace patchbay::net

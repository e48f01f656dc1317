#pragma once

// What each message carries in the first bytes of its payload, so that any subscriber can tell who sent it, whether one
// before it is missing, and how late it is.
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "bench/decoder.h"

namespace patchbay::bench {

struct MessageStamp {
  std::uint32_t mark = 0;  // kStampMark: this run's tool wrote the payload
  std::uint32_t publisher = 0;
  std::uint64_t sequence = 0;
  std::int64_t scheduled_ns = 0;  // when the message was to be sent, not when the socket took it
};

inline constexpr std::size_t kStampSize = sizeof(MessageStamp);
inline constexpr std::uint32_t kStampMark = 0x50424E43;
static_assert(kStampSize == 24);

// Host byte order: sender and receiver are one process.
inline void write_stamp(char* payload, const MessageStamp& stamp) {
  std::memcpy(payload, &stamp, kStampSize);
}

inline bool read_stamp(Bytes payload, MessageStamp& stamp) {
  if (payload.size() < kStampSize) return false;
  std::memcpy(&stamp, payload.data(), kStampSize);
  return stamp.mark == kStampMark;
}

}  // namespace patchbay::bench

#include "base/utf8.h"

#include <cstring>

namespace patchbay::base {
namespace {

constexpr uint64_t kEachByte = 0x0101010101010101;
constexpr uint64_t kHighBits = 0x80 * kEachByte;

uint64_t load64(const uint8_t* at) {
  uint64_t word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

uint32_t load32(const uint8_t* at) {
  uint32_t word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

// High bits are set in the result if any of eight bytes is not ASCII, NUL, '+' or '#', and only then. Subtracting 1
// sets an ASCII byte's high bit exactly where it was 0 (or where a 0 below it borrowed); '+' and '#' differ in bit 3
// only, so that one comparison finds both.
constexpr uint64_t suspects(uint64_t word) {
  const uint64_t wildcards_as_zero = (word | 0x08 * kEachByte) ^ uint64_t { '+' } * kEachByte;
  return word | (word - kEachByte) | (wildcards_as_zero - kEachByte);
}

bool is_continuation(uint8_t byte) {
  return (byte & 0xC0) == 0x80;
}

// The length of the sequence that starts with a byte from 0x80 on; 0 where it is ill-formed (Unicode 15, table 3-7).
size_t sequence_length(const uint8_t* at, size_t left) {
  const uint8_t lead = at[0];
  if (lead >= 0xC2 && lead <= 0xDF) return left >= 2 && is_continuation(at[1]) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    if (left < 3 || !is_continuation(at[1]) || !is_continuation(at[2])) return 0;
    if (lead == 0xE0 && at[1] < 0xA0) return 0;  // Overlong.
    if (lead == 0xED && at[1] > 0x9F) return 0;  // Surrogates.
    return 3;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    if (left < 4 || !is_continuation(at[1]) || !is_continuation(at[2]) || !is_continuation(at[3])) return 0;
    if (lead == 0xF0 && at[1] < 0x90) return 0;  // Overlong.
    if (lead == 0xF4 && at[1] > 0x8F) return 0;  // Beyond U+10FFFF.
    return 4;
  }
  return 0;
}

// What a text with suspects holds: one byte or one sequence at a time, and whole words where there is nothing to find.
[[gnu::noinline, gnu::cold]] uint8_t scan_slowly(const uint8_t* at, const uint8_t* end) {
  uint8_t found = 0;
  while (at != end) {
    if (end - at >= 8 && (suspects(load64(at)) & kHighBits) == 0) {
      at += 8;
    } else if (*at < 0x80) {
      if (*at == 0) found |= Utf8Finding::has_nul;
      if (*at == '+' || *at == '#') found |= Utf8Finding::has_plus_or_hash;
      ++at;
    } else {
      const size_t length = sequence_length(at, static_cast<size_t>(end - at));
      if (length == 0) return found | Utf8Finding::ill_formed;
      at += length;
    }
  }
  return found;
}

// Up to seven bytes, read into one word without leaving the text; bytes may be read twice.
uint64_t load_short(const uint8_t* at, size_t size) {
  if (size >= 4) return load32(at) | uint64_t{load32(at + size - 4)} << 32;
  if (size == 0) return 0x61 * kEachByte;
  return 0x6161616161000000 | at[0] | uint64_t{at[size / 2]} << 8 | uint64_t{at[size - 1]} << 16;
}

}  // namespace

uint8_t scan_utf8(std::string_view text) {
  const auto* at = reinterpret_cast<const uint8_t*>(text.data());
  const size_t size = text.size();
  uint64_t found = 0;
  if (size < 8) {
    found = suspects(load_short(at, size));
  } else {
    for (size_t offset = 0; offset + 8 <= size; offset += 8) found |= suspects(load64(at + offset));
    found |= suspects(load64(at + size - 8));  // What is left over, and perhaps some bytes for the second time.
  }
  return (found & kHighBits) == 0 ? 0 : scan_slowly(at, at + size);
}

}  // namespace patchbay::base

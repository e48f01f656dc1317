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

// Not zero exactly where one of eight ASCII bytes is zero.
constexpr uint64_t zero_bytes(uint64_t word) {
  return (word - kEachByte) & ~word & kHighBits;
}

// Findings in eight ASCII bytes. '+' and '#' differ in bit 3 only, so that one comparison finds both.
uint8_t findings_in_ascii(uint64_t word) {
  const uint64_t wildcards = zero_bytes((word | 0x08 * kEachByte) ^ uint64_t{'+'} * kEachByte);
  uint8_t found = 0;
  if (zero_bytes(word) != 0) found |= Utf8Finding::has_nul;
  if (wildcards != 0) found |= Utf8Finding::has_plus_or_hash;
  return found;
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

// One byte or one sequence at a time; for what the fast paths leave over.
uint8_t scan_slowly(const uint8_t* at, const uint8_t* end) {
  uint8_t found = 0;
  while (at != end) {
    if (*at < 0x80) {
      if (*at == 0) found |= Utf8Finding::has_nul;
      if (*at == '+' || *at == '#') found |= Utf8Finding::has_plus_or_hash;
      ++at;
      continue;
    }
    const size_t length = sequence_length(at, static_cast<size_t>(end - at));
    if (length == 0) return found | Utf8Finding::ill_formed;
    at += length;
  }
  return found;
}

// Up to seven bytes, read into one word without leaving the text; bytes may be read twice.
uint8_t scan_short(const uint8_t* at, size_t size) {
  if (size == 0) return 0;
  const uint8_t* end = at + size;
  uint64_t word;
  if (size >= 4) {
    word = load32(at) | uint64_t{load32(end - 4)} << 32;
  } else {
    word = 0x6161616161000000 | at[0] | uint64_t{at[size / 2]} << 8 | uint64_t{end[-1]} << 16;
  }
  return (word & kHighBits) == 0 ? findings_in_ascii(word) : scan_slowly(at, end);
}

}  // namespace

uint8_t scan_utf8(std::string_view text) {
  const auto* at = reinterpret_cast<const uint8_t*>(text.data());
  const uint8_t* end = at + text.size();
  if (text.size() < 8) return scan_short(at, text.size());
  uint8_t found = 0;
  while (end - at >= 8) {
    const uint64_t word = load64(at);
    if ((word & kHighBits) == 0) {
      found |= findings_in_ascii(word);
      at += 8;
    } else if (*at < 0x80) {
      found |= scan_slowly(at, at + 1);
      ++at;
    } else {
      const size_t length = sequence_length(at, static_cast<size_t>(end - at));
      if (length == 0) return found | Utf8Finding::ill_formed;
      at += length;
    }
  }
  return found | scan_short(at, static_cast<size_t>(end - at));
}

}  // namespace patchbay::base

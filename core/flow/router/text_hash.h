#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace patchbay::router {

/// Folds the 128-bit product: every bit of the result depends on all bits of both factors.
[[nodiscard]] inline uint64_t mix_hash(uint64_t left, uint64_t right) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(left) * right;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

/// Hash of a topic, filter or level. Clients choose the texts, so that `seed` must be one they cannot know where
/// collisions would cost something. [any-thread]
[[nodiscard]] inline uint64_t hash_text(std::string_view text, uint64_t seed) {
  constexpr uint64_t kFirst = 0xA0761D6478BD642FU;
  constexpr uint64_t kSecond = 0xE7037ED1A0B428DBU;
  uint64_t hash = seed ^ (text.size() * kSecond);
  const char* at = text.data();
  size_t left = text.size();
  for (; left >= sizeof(uint64_t); left -= sizeof(uint64_t), at += sizeof(uint64_t)) {
    uint64_t word;
    std::memcpy(&word, at, sizeof word);
    hash = mix_hash(hash ^ word, kFirst);
  }
  uint64_t tail = 0;
  if (left != 0) std::memcpy(&tail, at, left);
  return mix_hash(hash ^ tail, kSecond);
}

}  // namespace patchbay::router

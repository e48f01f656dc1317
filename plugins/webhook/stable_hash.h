#pragma once

#include <cstdint>
#include <string_view>

namespace patchbay::webhook {

/// FNV-1a: the same text has the same number also after a restart, and on the disk. Not for what an attacker chooses.
[[nodiscard]] constexpr uint64_t stable_hash(std::string_view text) {
  uint64_t out = 0xCBF29CE484222325ULL;
  for (const char c : text) out = (out ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  return out;
}

}  // namespace patchbay::webhook

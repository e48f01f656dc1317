#include "access/ip_text.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace patchbay::access {

namespace {

constexpr std::array<uint8_t, 12> kMappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
constexpr size_t kGroups = 8;

struct Run {
  size_t begin = kGroups;
  size_t length = 0;
};

/// The first of the longest runs of at least two zero groups.
Run longest_zero_run(const std::array<uint16_t, kGroups>& groups) {
  Run best;
  for (size_t i = 0; i < kGroups;) {
    size_t end = i;
    while (end < kGroups && groups[end] == 0) ++end;
    if (end - i >= 2 && end - i > best.length) best = {i, end - i};
    i = std::max(end, i + 1);
  }
  return best;
}

}  // namespace

std::string ip_text(std::span<const uint8_t, 16> address) {
  char buffer[8];
  std::string text;
  if (std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), address.begin())) {
    for (size_t i = 12; i < 16; ++i) {
      if (i > 12) text += '.';
      text += std::to_string(address[i]);
    }
    return text;
  }
  std::array<uint16_t, kGroups> groups{};
  for (size_t i = 0; i < kGroups; ++i) groups[i] = static_cast<uint16_t>(address[2 * i] << 8 | address[2 * i + 1]);
  const Run zeros = longest_zero_run(groups);
  for (size_t i = 0; i < kGroups; ++i) {
    if (i == zeros.begin) {
      text += "::";
      i += zeros.length - 1;
      continue;
    }
    if (!text.empty() && text.back() != ':') text += ':';
    std::snprintf(buffer, sizeof buffer, "%x", groups[i]);
    text += buffer;
  }
  return text;
}

}  // namespace patchbay::access

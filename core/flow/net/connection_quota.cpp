#include "net/connection_quota.h"

#include <algorithm>
#include <cstring>

namespace patchbay::net {

namespace {

uint64_t mix(uint64_t value) {
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9ULL;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBULL;
  return value ^ (value >> 31);
}

bool is_mapped(const uint8_t (&address)[16]) {
  return std::all_of(address, address + 10, [](uint8_t byte) { return byte == 0; }) && address[10] == 0xFF &&
         address[11] == 0xFF;
}

}  // namespace

AddressQuota::Places AddressQuota::places(const uint8_t (&address)[16]) const {
  uint64_t network = 0;
  uint64_t host = 0;
  std::memcpy(&network, address, sizeof(network));
  if (is_mapped(address)) std::memcpy(&host, address + 8, sizeof(host));
  const uint64_t hash = mix(mix(network ^ seed_) ^ host ^ seed_);
  return {static_cast<size_t>(hash % kColumns), static_cast<size_t>((hash >> 32) % kColumns)};
}

bool AddressQuota::take(const uint8_t (&address)[16]) {
  const Places at = places(address);
  uint32_t lowest = UINT32_MAX;
  for (size_t row = 0; row < kRows; ++row) {
    lowest = std::min(lowest, counts_[row][at[row]].fetch_add(1, std::memory_order_relaxed));
  }
  if (lowest < maximum_) return true;
  give_back(address);
  return false;
}

void AddressQuota::give_back(const uint8_t (&address)[16]) {
  const Places at = places(address);
  for (size_t row = 0; row < kRows; ++row) counts_[row][at[row]].fetch_sub(1, std::memory_order_relaxed);
}

}  // namespace patchbay::net

#include "plugin_bridge/stable_places.h"

namespace patchbay::plugin_bridge {

namespace {

constexpr uint32_t kEnd = uint32_t{1} << 31;  // below base::ChainOrder::kUnlisted, where the core's own listeners are

/// Spreads `count` keys evenly between two, both not included. False: there is no room.
bool spread(uint32_t after, uint32_t before, size_t count, std::vector<uint32_t>& keys) {
  const uint64_t gap = (uint64_t{before} - after) / (count + 1);
  if (gap == 0) return false;
  for (size_t i = 1; i <= count; ++i) keys.push_back(static_cast<uint32_t>(after + gap * i));
  return true;
}

}  // namespace

/// Keeps the keys of known names and puts the others between them. False: the order has changed, or there is no room.
bool StablePlaces::keep(const std::vector<std::string>& names, std::vector<uint32_t>& keys) const {
  uint32_t last = 0;
  size_t unknown = 0;
  for (const std::string& name : names) {
    const auto known = keys_.find(name);
    if (known == keys_.end()) {
      ++unknown;
      continue;
    }
    if (known->second <= last) return false;
    if (unknown != 0 && !spread(last, known->second, unknown, keys)) return false;
    unknown = 0;
    last = known->second;
    keys.push_back(last);
  }
  return unknown == 0 || spread(last, kEnd, unknown, keys);
}

std::vector<uint32_t> StablePlaces::place(const std::vector<std::string>& names) {
  std::vector<uint32_t> keys;
  if (!keep(names, keys)) {
    keys.clear();
    static_cast<void>(spread(0, kEnd, names.size(), keys));
  }
  keys_.clear();
  for (size_t i = 0; i < names.size(); ++i) keys_[names[i]] = keys[i];
  return keys;
}

}  // namespace patchbay::plugin_bridge

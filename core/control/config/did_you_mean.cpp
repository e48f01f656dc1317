#include "config/did_you_mean.h"

#include <algorithm>
#include <limits>
#include <vector>

namespace patchbay::config {

namespace {

constexpr size_t kLongestWord = 128;

std::string_view last_part(std::string_view key) {
  return key.substr(key.rfind('.') + 1);
}

// What a letter more or less costs is 1; a unit that is missing at the end (`_s`, `_bytes`) is a frequent slip of
// people who know EMQX's names, so it costs no more than that.
size_t distance_of_keys(std::string_view word, std::string_view candidate) {
  if (candidate.size() > word.size() && candidate.substr(0, word.size()) == word && candidate[word.size()] == '_') {
    return 1;
  }
  const size_t whole = edit_distance(word, candidate);
  // The right name in the wrong section.
  const size_t part = 2 + edit_distance(last_part(word), last_part(candidate));
  return std::min(whole, part);
}

}  // namespace

size_t edit_distance(std::string_view from, std::string_view to) {
  std::vector<size_t> before_last(to.size() + 1);
  std::vector<size_t> last(to.size() + 1);
  std::vector<size_t> row(to.size() + 1);
  for (size_t j = 0; j <= to.size(); ++j) last[j] = j;
  for (size_t i = 1; i <= from.size(); ++i) {
    row[0] = i;
    for (size_t j = 1; j <= to.size(); ++j) {
      const size_t changed = last[j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, changed});
      const bool swapped = i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1];
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    before_last = last;
    last = row;
  }
  return last[to.size()];
}

std::optional<std::string> did_you_mean(std::string_view word, std::span<const std::string> candidates) {
  if (word.size() > kLongestWord) return std::nullopt;
  size_t best = std::numeric_limits<size_t>::max();
  const std::string* nearest = nullptr;
  for (const std::string& candidate : candidates) {
    const size_t distance = distance_of_keys(word, candidate);
    if (distance < best) {
      best = distance;
      nearest = &candidate;
    }
  }
  const size_t limit = std::max<size_t>(2, last_part(word).size() / 3);
  if (nearest == nullptr || best > limit) return std::nullopt;
  return *nearest;
}

}  // namespace patchbay::config
